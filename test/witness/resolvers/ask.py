"""Asks for names as one resolver does; a line of JSON in, a line of JSON out."""

import json
import socket
import sys
import time

TRIES, TIMEOUT = 2, 1.0
SHOWN = 40


def shown(values):
    text = " ".join(values)
    return text if len(text) <= SHOWN else "(%d characters)" % len(text)


def by_getaddrinfo(name, kind):
    family = {"A": socket.AF_INET, "AAAA": socket.AF_INET6, "both": socket.AF_UNSPEC}[kind]
    try:
        found = socket.getaddrinfo(name + ".", None, family, socket.SOCK_STREAM)
    except socket.gaierror as error:
        codes = [code for code in dir(socket) if code.startswith("EAI_") and getattr(socket, code) == error.errno]
        return codes[0] if codes else "EAI %d" % error.errno
    return shown([address[0] for *_, address in found])


def by_dnspython(port):
    import dns.resolver

    def ask(name, kind):
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], port
        resolver.timeout, resolver.lifetime = TIMEOUT, TRIES * TIMEOUT
        try:
            return shown([record.to_text() for record in resolver.resolve(name + ".", kind)])
        except Exception as error:
            causes = getattr(error, "kwargs", {}).get("errors") or []
            last = causes[-1][3] if causes and type(error).__name__ == "NoNameservers" else None
            cause = last if isinstance(last, str) else type(last).__name__
            return type(error).__name__ + ("" if last is None else " (%s)" % cause)

    return ask


ask = by_dnspython(int(sys.argv[2])) if sys.argv[1] == "dnspython" else by_getaddrinfo
for line in sys.stdin:
    question = json.loads(line)
    start = time.monotonic()
    outcome = ask(question["name"], question["type"])
    print(json.dumps({"outcome": outcome, "ms": 1000 * (time.monotonic() - start)}), flush=True)
