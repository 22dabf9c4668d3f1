// How to send mail to Mailstop from what people use. One row each, sorted by how often it is asked.

export interface Target {
  host: string;
  port: number;
}

export interface Snippet {
  name: string;
  where: string; // the file it belongs into, or what it uses
  code(to: Target): string;
}

export const snippets: Snippet[] = [
  {
    name: "curl",
    where: "Terminal",
    code: ({ host, port }) => `curl smtp://${host}:${port} \\
  --mail-from app@example.test --mail-rcpt ann@example.test \\
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
    code: ({ host, port }) => `swaks --server ${host}:${port} \\
  --from app@example.test --to ann@example.test \\
  --header 'Subject: Hello' --body 'It works.'`,
  },
  {
    name: "Node.js",
    where: "Nodemailer",
    code: ({ host, port }) => `import nodemailer from "nodemailer";

const mailer = nodemailer.createTransport({ host: "${host}", port: ${port} });

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
    code: ({ host, port }) => `import smtplib
from email.message import EmailMessage

message = EmailMessage()
message["From"] = "app@example.test"
message["To"] = "ann@example.test"
message["Subject"] = "Hello"
message.set_content("It works.")

with smtplib.SMTP("${host}", ${port}) as smtp:
    smtp.send_message(message)`,
  },
  {
    name: "Django",
    where: "settings.py",
    code: ({ host, port }) => `EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "${host}"
EMAIL_PORT = ${port}`,
  },
  {
    name: "Rails",
    where: "config/environments/development.rb",
    code: ({ host, port }) => `config.action_mailer.delivery_method = :smtp
config.action_mailer.smtp_settings = { address: "${host}", port: ${port} }`,
  },
  {
    name: "Laravel",
    where: ".env",
    code: ({ host, port }) => `MAIL_MAILER=smtp
MAIL_HOST=${host}
MAIL_PORT=${port}
MAIL_USERNAME=null
MAIL_PASSWORD=null`,
  },
  {
    name: "PHP",
    where: "Symfony Mailer",
    code: ({ host, port }) => `$transport = Transport::fromDsn('smtp://${host}:${port}');

(new Mailer($transport))->send((new Email())
    ->from('app@example.test')
    ->to('ann@example.test')
    ->subject('Hello')
    ->text('It works.'));`,
  },
  {
    name: "WordPress",
    where: "wp-content/mu-plugins/mailstop.php",
    code: ({ host, port }) => `<?php
add_action('phpmailer_init', function ($mailer) {
    $mailer->isSMTP();
    $mailer->Host = '${host}';
    $mailer->Port = ${port};
});`,
  },
  {
    name: "Spring",
    where: "application.properties",
    code: ({ host, port }) => `spring.mail.host=${host}
spring.mail.port=${port}`,
  },
  {
    name: "Go",
    where: "net/smtp",
    code: ({ host, port }) => `message := []byte("Subject: Hello\\r\\n\\r\\nIt works.\\r\\n")

err := smtp.SendMail("${host}:${port}", nil,
    "app@example.test", []string{"ann@example.test"}, message)`,
  },
  {
    name: ".NET",
    where: "System.Net.Mail",
    code: ({ host, port }) => `using var client = new SmtpClient("${host}", ${port});

client.Send("app@example.test", "ann@example.test", "Hello", "It works.");`,
  },
  {
    name: "Phoenix",
    where: "config/dev.exs",
    code: ({ host, port }) => `config :my_app, MyApp.Mailer,
  adapter: Swoosh.Adapters.SMTP,
  relay: "${host}",
  port: ${port},
  auth: :never,
  tls: :never`,
  },
  {
    name: "msmtp",
    where: "~/.msmtprc",
    code: ({ host, port }) => `account mailstop
host ${host}
port ${port}
from app@example.test

account default : mailstop`,
  },
];
