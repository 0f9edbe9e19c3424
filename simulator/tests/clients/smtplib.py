"""Hands over the mail on standard input; says whom the server refused."""
import smtplib, ssl, sys

port, protection, authority, user, password, status, sender, *recipients = sys.argv[1:]
context = ssl.create_default_context(cafile=authority)
common = dict(host="localhost", port=int(port), local_hostname="client.example", timeout=60)
client = smtplib.SMTP_SSL(context=context, **common) if protection == "tls" else smtplib.SMTP(**common)
with client:
    if protection == "starttls":
        client.starttls(context=context)
    if user:
        client.login(user, password)
    mail, recipient = ["BODY=8BITMIME"], []
    if status != "unsaid":
        mail.append("RET=HDRS")
        recipient.append("NOTIFY=FAILURE,DELAY")
    refused = client.sendmail(sender, recipients, sys.stdin.buffer.read(), mail, recipient)
    for address, (code, text) in refused.items():
        print(address, code, text.decode())
