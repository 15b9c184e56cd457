"""Addresses: cleaned for reading, folded to one identity an article, and turned into branch names.

Identity errs towards two names: two addresses taken for one article would mix two stories in one history, while one
article under two names is joined by the store's aliases.
"""

from __future__ import annotations

import functools
import hashlib
import ipaddress
import re
import unicodedata
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

import idna

# Parameters that say how a reader came, never what is read.
_TRACKING_NAMES = """
    _ga _gl _hsenc _hsmi __hsfp __hssc __hstc __twitter_impression __tn__ at_campaign at_medium at_custom1 at_custom2
    at_custom3 at_custom4 at_format at_link_id at_link_origin at_link_type at_ptr_name cmp cmpid cn-track dclid
    fb_action_ids fb_action_types fb_ref fb_source fbclid ga_campaign ga_medium ga_source gbraid gclid gclsrc
    guce_referrer guce_referrer_sig guccounter icid igsh igshid ito jsessionid mbid mc_cid mc_eid mkt_tok msclkid ncid
    ns_campaign ns_fee ns_linkname ns_mchannel ns_source ocid oly_anon_id oly_enc_id phpsessid ref_src ref_url s_cid
    s_kwcid smid smprod smtyp soc_src soc_trk sref srnd taid tpcc ttclid twclid vero_conv vero_id wbraid wt_mc wt.mc
    xtor yclid
"""
_TRACKING = frozenset(_TRACKING_NAMES.split())
_TRACKING_STARTS = ("utm_", "pk_", "mtm_", "hsa_")
_NOISE_FRAGMENT = re.compile(r":~:|xtor=|utm_|at_medium=|ref=", re.IGNORECASE)
_SESSION_IN_PATH = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)

_WEB = ("http", "https")
_EDGES = "".join(map(chr, range(0x21)))  # what browsers cut off an address
_IGNORED = re.compile(r"[\t\r\n]")
_WHOLE = re.compile(r"https?://[^;/]*[^;/.](?:/(?!/)[^;]*)?\Z")  # no base adds to it, and there is nothing to tidy
_SPACE_OR_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_DEFAULT_PORTS = (80, 443)
_FOLDED_LABELS = frozenset({"www", "m", "mobile", "amp"})
_AMP_PARAMETERS = frozenset({"amp", "amp=", "amp=1", "amp=true", "outputtype=amp", "output=amp", "view=amp"})
_AMP_CACHE = re.compile(r"/(?:[civ]|amp)/(?:s/)?([^/]+\.[^/]+/.*)")
_VIEWER = re.compile(r"www\.google\.(?:com?\.)?[a-z]{2,3}")  # whole: what goes on behind it is somebody else's host
_CACHES = 4  # a cache of a cache of a page; nobody writes more but to make us go on and on
_AMP_PART = re.compile(r"amp(?:\.html?)?")
_AMP_END = re.compile(r"\.amp(\.html?)?$")
_MOBILE_LABELS = frozenset({"m", "mobile"})
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_NOT_URL = re.compile(r"[^!#$%&'()*+,/0-9:;=?@A-Z\[\]_a-z~.-]")

_HOST_LIMIT = 200  # bytes; a path part of a ref may have 255, with ".lock" at its end
_SLUG_LIMIT = 60
_EXTENSION = re.compile(r"\.(?:s?html?|php\d?|aspx?|jspx?|cfm|amp|story|ece)$", re.IGNORECASE)
_EMPTY_PARTS = frozenset({"index", "default", "article", "articles", "story", "news", "amp", "home"})


def clean(url: str, base: str | None = None) -> str:
    """The address resolved against `base`, without tracking parameters and empty fragments. Total.

    What is not a web address (mailto:, javascript: ...) or cannot be read as one comes back without its edges.
    """
    url = _IGNORED.sub("", url.strip(_EDGES))
    try:
        resolved = urljoin(_IGNORED.sub("", base.strip(_EDGES)), url) if base and not _WHOLE.match(url) else url
        parts = urlsplit(_forward_slashes(resolved))
        if parts.scheme not in _WEB or not (parts.hostname or "").strip("."):
            return url
        return urlunsplit((parts.scheme, _netloc(parts), _path(parts), _query(parts.query), _fragment(parts.fragment)))
    except ValueError:  # a base that is no address does not spoil one that is
        return clean(url) if base else url


def _forward_slashes(url: str) -> str:
    """A backslash before the query is a slash, as in browsers; otherwise we and they see two hosts in one address."""
    if not url.lower().startswith(("http:", "https:")):
        return url
    if "\\" not in url:
        return url
    path, *query = re.split(r"(?=[?#])", url, maxsplit=1)
    return path.replace("\\", "/") + "".join(query)


def _netloc(parts: SplitResult) -> str:
    """Host in lower case, with a port only where it is not the scheme's own, and userinfo as it stands."""
    user, at, _ = parts.netloc.rpartition("@")
    if "[" in user or "]" in user:
        raise ValueError("which host is meant is not clear")
    host = (parts.hostname or "").rstrip(".")
    host = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{user}{at}{host}" + (f":{parts.port}" if parts.port not in {None, default} else "")


def _visible(text: str) -> str:
    return _SPACE_OR_CONTROL.sub(lambda match: f"%{ord(match.group()):02X}", text)


def _path(parts: SplitResult) -> str:
    return _visible(_SESSION_IN_PATH.sub("", parts.path)) or "/"


def _query(query: str) -> str:
    return "&".join(part for part in _visible(query).split("&") if part and not _is_tracking(part))


def _is_tracking(parameter: str) -> bool:
    name = unquote(parameter.split("=", 1)[0]).lower()
    return name in _TRACKING or name.startswith(_TRACKING_STARTS)


def _fragment(fragment: str) -> str:
    return "" if _NOISE_FRAGMENT.match(fragment) else _visible(fragment)


# --- identity -----------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4096)  # one address is asked about many times while a page is stored
def identity(url: str) -> str:
    """What two addresses of one article share: `host[:port]/path[?sorted query]`, without scheme or fragment. Total.

    Tracking parameters, www., m. and amp. hosts, AMP paths and a trailing slash are folded; the case of the path and
    every other parameter are kept, for they can be the article.
    """
    parts = _split(clean(url))
    if parts is None:
        return url.strip(_EDGES)
    kept = [part for part in _query(parts.query).split("&") if part and part.lower() not in _AMP_PARAMETERS]
    query = "&".join(sorted(map(_escaped, kept)))
    return _host_and_port(parts) + _folded_path(parts.path) + (f"?{query}" if query else "")


def folded_host(url: str) -> str:
    """The host without www., m., mobile. and amp., in lower case and IDNA; "" where there is none. Total."""
    parts = _split(clean(url))
    return _folded(parts.hostname or "") if parts else ""


def edition(url: str) -> str:
    """Which edition of a page an address asks for, where identity makes no difference: "amp", "mobile", "". Total."""
    parts = _web_parts(clean(url))
    if parts is None:
        return ""
    labels = frozenset((parts.hostname or "").split(".")[:-2])
    marks = [part.lower() in _AMP_PARAMETERS for part in parts.query.split("&")]
    marks += [_AMP_PART.fullmatch(part) is not None for part in parts.path.split("/")]
    if _is_cache(parts) or "amp" in labels or _AMP_END.search(parts.path) or any(marks):
        return "amp"
    return "mobile" if labels & _MOBILE_LABELS else ""


def _split(url: str) -> SplitResult | None:
    """The parts of a web address, looked up in the article itself where it is a page of an AMP cache."""
    parts = _web_parts(url)
    for _ in range(_CACHES):
        inner = _AMP_CACHE.match(parts.path) if parts is not None and _is_cache(parts) else None
        if parts is None or inner is None:
            break
        parts = _web_parts(clean(f"https://{inner.group(1)}?{parts.query}"))
    return parts


def _web_parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        web = parts.scheme in _WEB and parts.hostname and (parts.port is None or parts.port)
    except ValueError:  # not an address, or not a port
        return None
    return parts if web else None


def _is_cache(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    is_viewer = _VIEWER.fullmatch(host) is not None and parts.path.startswith("/amp/")
    return is_viewer or host.endswith(".cdn.ampproject.org")


def _host_and_port(parts: SplitResult) -> str:
    host = _folded(parts.hostname or "")
    host = f"[{host}]" if ":" in host else host
    return host if parts.port is None or parts.port in _DEFAULT_PORTS else f"{host}:{parts.port}"


def _folded(host: str) -> str:
    labels = _idna(host).split(".")
    return ".".join([label for label in labels[:-2] if label not in _FOLDED_LABELS] + labels[-2:])


def _idna(host: str) -> str:
    host = host.rstrip(".").lower()
    try:
        if ":" in host:
            return ipaddress.ip_address(host).compressed
        if host.isascii():
            return host
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, ValueError):
        return _escaped(host)


def _folded_path(path: str) -> str:
    path = urlsplit(urljoin("http://host/", re.sub(r"/{2,}", "/", path))).path  # resolves . and ..
    path = _AMP_END.sub(r"\1", path)
    return _escaped("/" + "/".join(part for part in path.split("/") if part and not _AMP_PART.fullmatch(part)))


def _escaped(text: str) -> str:
    """One spelling of percent escapes: none for what needs none, capital hexadecimal digits for the rest."""
    text = _NOT_URL.sub(lambda match: "".join(f"%{byte:02X}" for byte in _utf8(match.group())), text)
    return _ESCAPE.sub(_plain, text)


def _plain(match: re.Match[str]) -> str:
    code = int(match.group(1), 16)
    return chr(code) if code in _UNRESERVED else match.group().upper()


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


# --- names of branches --------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4096)  # as identity
def branch_name(url: str) -> str:
    """The branch of an article: `<host>/<slug>-<16 hex of its identity>`; a function of the identity alone. Total."""
    name = identity(url)
    digest = hashlib.sha256(_utf8(name)).hexdigest()[:16]
    return f"{host_name(url)}/{slug(url)}-{digest}"


def host_name(url: str) -> str:
    """The folded host as a part of a branch name: IPv6 as `ip6_2001-db8`, a port as `_8000`; `file` without a host."""
    parts = _split(clean(url))
    if parts is None:
        return "file"
    host = _folded(parts.hostname or "")
    host = f"ip6_{host}" if ":" in host else host
    name = re.sub(r"\.{2,}", ".", re.sub(r"[^a-z0-9._-]", "-", host))[:_HOST_LIMIT].strip("._-") or "host"
    name = name.removesuffix(".lock") + "-lock" if name.endswith(".lock") else name
    return name if parts.port is None or parts.port in _DEFAULT_PORTS else f"{name}_{parts.port}"


def slug(url: str) -> str:
    """The last part of the path that says something, as `[a-z0-9-]`, at most 60 characters; else `article`."""
    parts = _split(clean(url))
    path = unquote(_folded_path(parts.path)) if parts else url.strip(_EDGES).split("?")[0]
    slugs = [_slug(part) for part in path.split("/")[-1:0:-1]] if parts else [_slug(path.rsplit("/", 1)[-1])]
    named = (each for each in slugs if len(re.findall("[a-z]", each)) > 2 and each not in _EMPTY_PARTS)
    return next(named, None) or next((each for each in slugs if each), "article")


def _slug(part: str) -> str:
    plain = unicodedata.normalize("NFKD", _EXTENSION.sub("", part).casefold()).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_SLUG_LIMIT].strip("-")
