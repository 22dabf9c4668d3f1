// How to send mail to Mailstop from what people use. One row each, sorted by how often it is asked.

import type { Target } from "./state/inboxes";

type Login = NonNullable<Target["login"]>;

export interface Snippet {
  name: string;
  where: string; // the file it belongs into, or what it uses
  code(to: Target): string;
}

/** What is there only where a login is needed. */
function only(login: Target["login"], text: (login: Login) => string): string {
  return login ? text(login) : "";
}

export const snippets: Snippet[] = [
  {
    name: "curl",
    where: "Terminal",
    code: ({ host, port, login }) => `curl smtp://${host}:${port} \\
${only(login, ({ username, password }) => `  --user '${username}:${password}' \\\n`)}  --mail-from app@example.test --mail-rcpt ann@example.test \\
  --crlf -T - <<'END'
From: app@example.test
To: ann@example.test
Subject: Hello

It works.
END`,
  },
  {
    name: "swaks",
    where: "Terminal",
    code: ({ host, port, login }) => `swaks --server ${host}:${port} \\
${only(login, ({ username, password }) => `  --auth PLAIN --auth-user '${username}' --auth-password '${password}' \\\n`)}  --from app@example.test --to ann@example.test \\
  --header 'Subject: Hello' --body 'It works.'`,
  },
  {
    name: "Node.js",
    where: "Nodemailer",
    code: ({ host, port, login }) => `import nodemailer from "nodemailer";

const mailer = nodemailer.createTransport({
  host: "${host}",
  port: ${port},
${only(login, ({ username, password }) => `  auth: { user: "${username}", pass: "${password}" },\n`)}});

await mailer.sendMail({
  from: "app@example.test",
  to: "ann@example.test",
  subject: "Hello",
  text: "It works.",
});`,
  },
  {
    name: "Python",
    where: "smtplib",
    code: ({ host, port, login }) => `import smtplib
from email.message import EmailMessage

message = EmailMessage()
message["From"] = "app@example.test"
message["To"] = "ann@example.test"
message["Subject"] = "Hello"
message.set_content("It works.")

with smtplib.SMTP("${host}", ${port}) as smtp:
${only(login, ({ username, password }) => `    smtp.login("${username}", "${password}")\n`)}    smtp.send_message(message)`,
  },
  {
    name: "Django",
    where: "settings.py",
    code: ({ host, port, login }) => `EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "${host}"
EMAIL_PORT = ${port}${only(login, ({ username, password }) => `
EMAIL_HOST_USER = "${username}"
EMAIL_HOST_PASSWORD = "${password}"`)}`,
  },
  {
    name: "Rails",
    where: "config/environments/development.rb",
    code: ({ host, port, login }) => `config.action_mailer.delivery_method = :smtp
config.action_mailer.smtp_settings = {
  address: "${host}",
  port: ${port},
${only(login, ({ username, password }) => `  user_name: "${username}",
  password: "${password}",
  authentication: :plain,\n`)}}`,
  },
  {
    name: "Laravel",
    where: ".env",
    code: ({ host, port, login }) => `MAIL_MAILER=smtp
MAIL_HOST=${host}
MAIL_PORT=${port}
MAIL_USERNAME=${login?.username ?? "null"}
MAIL_PASSWORD=${login?.password ?? "null"}`,
  },
  {
    name: "PHP",
    where: "Symfony Mailer",
    code: ({ host, port, login }) => `$transport = Transport::fromDsn('smtp://${only(login, ({ username, password }) => `${username}:${password}@`)}${host}:${port}');

(new Mailer($transport))->send((new Email())
    ->from('app@example.test')
    ->to('ann@example.test')
    ->subject('Hello')
    ->text('It works.'));`,
  },
  {
    name: "WordPress",
    where: "wp-content/mu-plugins/mailstop.php",
    code: ({ host, port, login }) => `<?php
add_action('phpmailer_init', function ($mailer) {
    $mailer->isSMTP();
    $mailer->Host = '${host}';
    $mailer->Port = ${port};
${only(login, ({ username, password }) => `    $mailer->SMTPAuth = true;
    $mailer->Username = '${username}';
    $mailer->Password = '${password}';\n`)}});`,
  },
  {
    name: "Spring",
    where: "application.properties",
    code: ({ host, port, login }) => `spring.mail.host=${host}
spring.mail.port=${port}${only(login, ({ username, password }) => `
spring.mail.username=${username}
spring.mail.password=${password}
spring.mail.properties.mail.smtp.auth=true`)}`,
  },
  {
    name: "Go",
    where: "net/smtp",
    code: ({ host, port, login }) => `message := []byte("Subject: Hello\\r\\n\\r\\nIt works.\\r\\n")

err := smtp.SendMail("${host}:${port}",
    ${login ? `smtp.PlainAuth("", "${login.username}", "${login.password}", "${host}")` : "nil"},
    "app@example.test", []string{"ann@example.test"}, message)`,
  },
  {
    name: ".NET",
    where: "System.Net.Mail",
    code: ({ host, port, login }) => `using var client = new SmtpClient("${host}", ${port});
${only(login, ({ username, password }) => `client.Credentials = new NetworkCredential("${username}", "${password}");\n`)}
client.Send("app@example.test", "ann@example.test", "Hello", "It works.");`,
  },
  {
    name: "Phoenix",
    where: "config/dev.exs",
    code: ({ host, port, login }) => `config :my_app, MyApp.Mailer,
  adapter: Swoosh.Adapters.SMTP,
  relay: "${host}",
  port: ${port},
${login ? `  username: "${login.username}",\n  password: "${login.password}",\n  auth: :always` : "  auth: :never"},
  tls: :never`,
  },
  {
    name: "msmtp",
    where: "~/.msmtprc",
    code: ({ host, port, login }) => `account mailstop
host ${host}
port ${port}
${only(login, ({ username, password }) => `auth plain\ntls off\nuser ${username}\npassword ${password}\n`)}from app@example.test

account default : mailstop`,
  },
];
