"""Who is answered: this machine's own user by the names of this machine, else who has the token of the address.

A page of any site can have its browser send requests here. Host, Origin and Sec-Fetch-Site give such requests away: a
page cannot change them (https://fetch.spec.whatwg.org/#forbidden-request-header). A link on another site may lead here,
since every view has an address that can be sent; nothing else of another site is answered.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

_NAMES = ("127.0.0.1", "localhost", "[::1]")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # By no-referrer a browser would send the Origin of our own forms as null, too.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""Of every answer. The pages are made of files of this package alone, and have neither script nor style in them."""
CHANGING = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Access:
    """`token` is empty where the server listens on this machine alone: then requests go by a name of this machine."""

    port: int
    token: str = field(default="", repr=False)

    @property
    def cookie(self) -> str:
        """Cookies do not know ports."""
        return f"board_{self.port}"

    def why_refused(self, method: str, headers: Mapping[str, str], given: str) -> str:
        """Empty for a request that is answered; `given` is the token that it has."""
        host = headers.get("Host", "").lower()
        if self.token and not hmac.compare_digest(given.encode(), self.token.encode()):
            return "This page opens by the address with its token, which ingest board has printed."
        hosts = [f"{name}:{self.port}" for name in _NAMES] + (list(_NAMES) if self.port == 80 else [])
        if not self.token and host not in hosts:
            return f"The address must be one of {', '.join(hosts)}: another name may be a web page's."
        site = headers.get("Sec-Fetch-Site", "none")
        is_link = method == "GET" and headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        if site not in ("none", "same-origin") and not (is_link and headers.get("Sec-Fetch-Dest") == "document"):
            return f"Another site's page had the browser send this (Sec-Fetch-Site: {site})."
        return self._why_not_changing(host, headers) if method in CHANGING else ""

    def _why_not_changing(self, host: str, headers: Mapping[str, str]) -> str:
        """A browser says whose page sends a form; what says nothing is no browser, and has to know the page's word."""
        origin = headers.get("Origin")
        if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
            return "Another site's page had the browser send this (Origin)."
        return ""
