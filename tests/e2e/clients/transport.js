// Sends with Nodemailer as its options say: transport.js OPTIONS, in JSON: "transport" and "message"
// are Nodemailer's own, "ca" is the file of a CA, "count" messages are sent at once. Prints for each
// the reply, or how it failed, in JSON.
import { readFileSync } from "node:fs";
import nodemailer from "nodemailer";

const { transport, message, ca, count = 1 } = JSON.parse(process.argv[2]);
if (ca) transport.tls = { ca: readFileSync(ca) };
const client = nodemailer.createTransport(transport);

async function send(number) {
  try {
    const { response } = await client.sendMail({ subject: String(number), ...message });
    return { response };
  } catch ({ code, responseCode, command, message }) {
    return { code, responseCode, command, message };
  }
}

console.log(JSON.stringify(await Promise.all(Array.from({ length: count }, (_, i) => send(i)))));
client.close();
