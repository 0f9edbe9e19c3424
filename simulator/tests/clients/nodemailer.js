// Hands over the mail on standard input; says what the server answered, and whom it refused.
const [modules, port, protection, authority, user, pass, status, from, ...to] = process.argv.slice(1);
module.paths.push(modules);
const fs = require("node:fs");
const transport = require("nodemailer").createTransport({
  host: "localhost",
  port: Number(port),
  name: "client.example",
  secure: protection === "tls",
  requireTLS: protection === "starttls",
  ignoreTLS: protection === "plain",
  tls: { ca: fs.readFileSync(authority) },
  auth: user ? { user, pass } : undefined,
});
// It announces octets outside ASCII only where the envelope says so.
const announced = { use8BitMime: true };
const dsn = { return: "headers", notify: ["failure", "delay"] };
transport
  .sendMail({
    envelope: { from, to, ...announced },
    dsn: status === "unsaid" ? undefined : dsn,
    raw: fs.readFileSync(0),
  })
  .then((info) => {
    console.log(info.response);
    (info.rejectedErrors ?? []).forEach((error) => console.log(error.recipient, error.response));
  })
  .catch((error) => {
    console.log(error.message, error.response);
    process.exitCode = 1;
  });
