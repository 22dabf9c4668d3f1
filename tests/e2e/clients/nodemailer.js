// Sends one message as an application would: nodemailer.js HOST PORT RECIPIENT [CA]. With a CA it
// insists on TLS. Prints the reply.
import { readFileSync } from "node:fs";
import nodemailer from "nodemailer";

const [host, port, to, ca] = process.argv.slice(2);
const tls = ca ? { requireTLS: true, tls: { ca: readFileSync(ca) } } : {};
const transport = nodemailer.createTransport({ host, port: Number(port), secure: false, ...tls });
const info = await transport.sendMail({
  from: { name: "Shop, Zoë's", address: "app@shop.test" },
  to,
  subject: "Grüße aus Node",
  text: "Ihr Paket ist da.\n.\nEine Zeile mit Punkt.",
  html: '<p>Ihr <b>Paket</b> ist da. <img src="cid:logo"></p>',
  attachments: [
    { filename: "Rechnung März.pdf", content: Buffer.from("%PDF-1.4 kein echtes") },
    { filename: "logo.png", content: Buffer.from([0x89, 0x50, 0x4e, 0x47]), cid: "logo" },
  ],
});
console.log(info.response);
