"""A server that prints its port, and then a line for every message it takes: sender, options and recipients, and the name
of the file in which its content is."""

import asyncio
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

options = dict(pair.split("=", 1) for pair in sys.argv[1:])


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("unknown"):
            return "550 5.1.1 no such user"
        if address.startswith("later"):
            return "451 4.7.1 greylisted"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        if "answer" in options:
            return options["answer"]
        if "drop" in options:
            server.transport.abort()
            return "250 never said"
        with open(options["content"], "wb") as file:
            file.write(envelope.original_content)
        parts = [envelope.mail_from, "+".join(sorted(envelope.mail_options)), ",".join(envelope.rcpt_tos)]
        print(*(part or "-" for part in parts), options["content"], flush=True)
        return "250 2.0.0 queued as AIO4711"


def authenticator(server, session, envelope, mechanism, data):
    known = (data.login, data.password) == (b"alice", b"s3cr3t")
    return AuthResult(success=known, handled=False)


def server():
    secured = context if "starttls" in options else None
    return SMTP(
        Handler(),
        hostname="mx.example.org",
        data_size_limit=int(options.get("size", 33554432)),
        enable_SMTPUTF8="smtputf8" in options,
        tls_context=secured,
        require_starttls=secured is not None,
        auth_required="auth" in options,
        auth_require_tls="plain" not in options,
        auth_exclude_mechanism=["PLAIN"] if options.get("auth") == "login" else None,
        authenticator=authenticator,
    )


async def main():
    implicit = context if "implicit" in options else None
    served = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0, ssl=implicit)
    print(served.sockets[0].getsockname()[1], flush=True)
    await served.serve_forever()


context = None
if "certificate" in options:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options["certificate"], options["key"])
asyncio.run(main())
