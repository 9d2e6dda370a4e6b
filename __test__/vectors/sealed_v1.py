"""The sealed format of docs/format.md, written from that text alone and sharing no code with the engines.

    pip install cryptography
    python3 sealed_v1.py            opens and seals again every vector in sealed_v1.json
    python3 sealed_v1.py --write    makes sealed_v1.json anew

The vectors come from here, so that the engines' tests compare them with something they did not write.
"""

import base64
import hashlib
import json
import pathlib
import re
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VECTORS = pathlib.Path(__file__).with_name("sealed_v1.json")
TOKEN = re.compile(r"v1=([A-Za-z0-9_-]+)")

KEY = "test-only key, never used by an app"
OTHER_KEY = "another test-only key"
# Found by search: the two have the same key id.
TWIN_KEYS = ["test-only key 33258", "test-only key 75239"]
COOKIE = "EGG_SESS"
NOW_MS = 1_767_323_045_678
DAY_MS = 86_400_000
SESSION = '{"user":"alice","visits":1,"_expire":1767409445678,"_maxAge":86400000}'


def hkdf(app_key, info, length):
    return HKDF(hashes.SHA256(), length, salt=None, info=info).derive(app_key.encode())


def encryption_key(app_key):
    return hkdf(app_key, b"egg-session-native sealed v1 encryption key", 32)


def key_id(app_key):
    return hkdf(app_key, b"egg-session-native sealed v1 key id", 4)


def message_key(key, nonce):
    """XAES-256-GCM by its definition: NIST SP 800-108r1 in counter mode over CMAC."""
    blocks = b""
    for counter in (1, 2):
        mac = CMAC(AES256(key))
        mac.update(counter.to_bytes(2, "big") + b"X\x00" + nonce[:12])
        blocks += mac.finalize()
    return blocks


def associated_data(app_key, cookie, prefix="v1="):
    return prefix.encode() + key_id(app_key) + cookie.encode()


def write_plaintext(text, created_at_ms=None, expires_at_ms=None, id=None):
    flags, fields = 0, b""
    if created_at_ms is not None:
        flags, fields = flags | 1, fields + created_at_ms.to_bytes(6, "big")
    if expires_at_ms is not None:
        flags, fields = flags | 2, fields + expires_at_ms.to_bytes(6, "big")
    if id is not None:
        flags, fields = flags | 4, fields + bytes([len(id.encode())]) + id.encode()
    return bytes([flags]) + fields + text.encode()


def read_plaintext(plaintext):
    flags, rest = plaintext[0], plaintext[1:]
    if flags & ~7:
        raise ValueError("a flag of a later version")
    result = {}
    for flag, field in ((1, "createdAtMs"), (2, "expiresAtMs")):
        if flags & flag:
            if len(rest) < 6:
                raise ValueError("a time is cut off")
            result[field], rest = int.from_bytes(rest[:6], "big"), rest[6:]
    if flags & 4:
        if not rest or rest[0] == 0 or len(rest) < 1 + rest[0]:
            raise ValueError("the id is empty or cut off")
        result["id"], rest = rest[1 : 1 + rest[0]].decode(), rest[1 + rest[0] :]
    result["text"] = rest.decode()
    return result


def to_token(body, prefix="v1="):
    return prefix + base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def seal(app_key, cookie, plaintext, nonce, prefix="v1="):
    gcm = AESGCM(message_key(encryption_key(app_key), nonce))
    sealed = gcm.encrypt(nonce[12:], plaintext, associated_data(app_key, cookie, prefix))
    return to_token(key_id(app_key) + nonce + sealed, prefix)


def open_token(app_keys, cookie, token, now_ms):
    """The content, or None: whoever sent the token is not told why."""
    match = TOKEN.fullmatch(token)
    if not match:
        return None
    text = match[1]
    if len(text) % 4 == 1:
        return None
    body = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if to_token(body) != token or len(body) < 4 + 24 + 1 + 16:
        return None
    for index, app_key in enumerate(app_keys):
        if key_id(app_key) != body[:4]:
            continue
        nonce = body[4:28]
        gcm = AESGCM(message_key(encryption_key(app_key), nonce))
        try:
            plaintext = gcm.decrypt(nonce[12:], body[28:], associated_data(app_key, cookie))
        except InvalidTag:
            continue
        try:
            result = read_plaintext(plaintext)
        except ValueError:
            return None
        if now_ms >= result.get("expiresAtMs", now_ms + 1):
            return None
        return {**result, "keyIndex": index}
    return None


def nonce_for(name):
    return hashlib.sha256(name.encode()).digest()[:24]


def vector(name, text, app_key=KEY, cookie=COOKIE, app_keys=None, now_ms=NOW_MS, **meta):
    nonce, plaintext = nonce_for(name), write_plaintext(text, **meta)
    app_keys = app_keys or [app_key]
    fields = {"created_at_ms": "createdAtMs", "expires_at_ms": "expiresAtMs", "id": "id"}
    return {
        "name": name,
        "appKeys": app_keys,
        "keyIndex": app_keys.index(app_key),
        "cookie": cookie,
        "nowMs": now_ms,
        **{fields[field]: value for field, value in meta.items()},
        "text": text,
        "nonce": nonce.hex(),
        "messageKey": message_key(encryption_key(app_key), nonce).hex(),
        "associatedData": associated_data(app_key, cookie).hex(),
        "plaintext": plaintext.hex(),
        "token": seal(app_key, cookie, plaintext, nonce),
    }


def opened_vectors():
    lifetime = {"created_at_ms": NOW_MS, "expires_at_ms": NOW_MS + DAY_MS}
    return [
        vector("a session", SESSION),
        vector("the same session under another nonce", SESSION),
        vector("no text", ""),
        vector("a text of one byte", "x"),
        vector("a text of two bytes", "xy"),
        vector("a text of three bytes", "xyz"),
        vector("an external key", "f5c4b7a2-0f0e-4c3c-9f57-5c0d8c6b7e11"),
        vector("text outside of ASCII", '{"name":"J\u00fcrgen \u738b \U0001f95a","bom":"\ufeff","nul":"\u0000"}'),
        vector("4 KB of text", json.dumps({"list": ["item %d" % i for i in range(340)]}, separators=(",", ":"))),
        vector("when it was made", SESSION, created_at_ms=NOW_MS),
        vector("when it ends, one millisecond before", SESSION, expires_at_ms=NOW_MS + 1),
        vector("a session id", SESSION, id="lkGy8YcVSVqQn0kKFtmDkg"),
        vector("every field", SESSION, id="\u738b-1", **lifetime),
        vector("every field at its least", "", created_at_ms=0, expires_at_ms=1, id="x", now_ms=0),
        vector("every field at its most", "", created_at_ms=2**48 - 1, expires_at_ms=2**48 - 1, id="i" * 255),
        vector("another cookie name", SESSION, cookie="__Host-sess"),
        vector("an app key outside of ASCII", SESSION, app_key="Schl\u00fcssel \U0001f511 only for tests"),
        vector("an app key of one byte", SESSION, app_key="k"),
        vector("an app key of 100 bytes", SESSION, app_key="0123456789" * 10),
        vector("an older key", SESSION, app_keys=[OTHER_KEY, KEY]),
        vector("the first of two keys with one key id", SESSION, app_key=TWIN_KEYS[0], app_keys=TWIN_KEYS),
        vector("the second of two keys with one key id", SESSION, app_key=TWIN_KEYS[1], app_keys=TWIN_KEYS),
    ]


def refused_vectors():
    plaintext = write_plaintext(SESSION)
    nonce = nonce_for("refused")
    good = seal(KEY, COOKIE, plaintext, nonce)
    assert len(good[3:]) % 4 == 2, "some cases below need a last character with unused bits"
    body = base64.urlsafe_b64decode(good[3:] + "==")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet[alphabet.index(good[-1]) + 1]

    def refused(name, token, app_keys=(KEY,), cookie=COOKIE, now_ms=NOW_MS):
        return {"name": name, "appKeys": list(app_keys), "cookie": cookie, "nowMs": now_ms, "token": token}

    def sealed(name, bytes_inside):
        return refused(name, seal(KEY, COOKIE, bytes_inside, nonce))

    plain_gcm = AESGCM(encryption_key(KEY)).encrypt(nonce[12:], plaintext, associated_data(KEY, COOKIE))
    no_name = AESGCM(message_key(encryption_key(KEY), nonce)).encrypt(nonce[12:], plaintext, b"")
    return [
        refused("nothing", ""),
        refused("the prefix alone", "v1="),
        refused("no prefix", good[3:]),
        refused("a later version, sealed as such", seal(KEY, COOKIE, plaintext, nonce, "v2=")),
        refused("an earlier version, sealed as such", seal(KEY, COOKIE, plaintext, nonce, "v0=")),
        refused("the version in capitals", "V" + good[1:]),
        refused("another separator", "v1." + good[3:]),
        refused("a space in front", " " + good),
        refused("a line feed behind", good + "\n"),
        refused("quotes around it", f'"{good}"'),
        refused("padding behind it", good + "=="),
        refused("a last character with unused bits set", good[:-1] + last),
        refused("one character more", good + "A"),
        refused("four characters more", good + "AAAA"),
        refused("a foreign character inside", good[:20] + "." + good[20:]),
        refused("a wide character whose low byte would do", "\u0176" + good[1:]),
        refused("the usual alphabet of base64", next(
            "v1=" + token[3:].replace("-", "+").replace("_", "/")
            for token in (seal(KEY, COOKIE, plaintext, nonce_for(f"refused {i}")) for i in range(99))
            if "-" in token and "_" in token)),
        refused("another app key", good, [OTHER_KEY]),
        refused("another app key with the same key id", seal(TWIN_KEYS[0], COOKIE, plaintext, nonce), TWIN_KEYS[1:]),
        refused("the key id of another key of the app", to_token(key_id(OTHER_KEY) + body[4:]), [OTHER_KEY, KEY]),
        refused("another cookie name", good, cookie="EGG_SES"),
        refused("a cookie name with a letter more", good, cookie="EGG_SESSX"),
        refused("no cookie name", good, cookie=""),
        refused("no associated data", to_token(key_id(KEY) + nonce + no_name)),
        refused("GCM without the key for one message", to_token(key_id(KEY) + nonce + plain_gcm)),
        refused("the halves of the nonce swapped", to_token(body[:4] + body[16:28] + body[4:16] + body[28:])),
        refused("a tag of 12 bytes", to_token(body[:-4])),
        refused("a tag of zeros", to_token(body[:-16] + bytes(16))),
        sealed("no header", b""),
        sealed("the lowest flag of a later version", b"\x08" + plaintext[1:]),
        sealed("the highest flag of a later version", b"\x80" + plaintext[1:]),
        sealed("a cut-off time", b"\x01\x00\x00\x00\x00\x00"),
        sealed("a cut-off second time", b"\x03" + bytes(11)),
        sealed("an id without a length", b"\x04"),
        sealed("an empty id", b"\x04\x00" + SESSION.encode()),
        sealed("a cut-off id", b"\x04\x05abcd"),
        sealed("an id that is not UTF-8", b"\x04\x01\xff" + SESSION.encode()),
        sealed("an id that ends inside a character", b"\x04\x01\xc3\xbc"),
        sealed("text that is not UTF-8", b"\x00\xff"),
        sealed("text with a surrogate", b"\x00\xed\xa0\x80"),
        sealed("text in too many bytes", b"\x00\xc0\xaf"),
        refused("one that ends now", seal(KEY, COOKIE, write_plaintext(SESSION, expires_at_ms=NOW_MS), nonce)),
        refused("one that ended in 1970", seal(KEY, COOKIE, write_plaintext(SESSION, expires_at_ms=0), nonce)),
    ]


def piece_name(cookie, index):
    return f"{cookie}.{index}" if index else cookie


def to_pieces(cookie, token, ends):
    """Splits a token behind the characters whose numbers are in `ends`. Names and values of cookies."""
    text = token[3:]
    parts = [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)])]
    mark = text[6:14]
    pieces = {cookie: f"v1={len(parts)}.{parts[0]}"}
    for index, part in enumerate(parts[1:], 1):
        pieces[piece_name(cookie, index)] = f"{mark}.{part}"
    return pieces


def join_pieces(cookie, cookies):
    """The name that the token was sealed for and the token; None where a piece is not there."""
    match = re.fullmatch(r"v1=([2-8])\.([A-Za-z0-9_-]{14,})", cookies.get(cookie, ""))
    if not match:
        return None
    text = match[2]
    mark = text[6:14] + "."
    for index in range(1, int(match[1])):
        piece = cookies.get(piece_name(cookie, index), "")
        if not piece.startswith(mark):
            return None
        text += piece[len(mark):]
    return f"{cookie}\0{match[1]}", "v1=" + text


def open_pieces(app_keys, cookie, cookies, now_ms):
    joined = join_pieces(cookie, cookies)
    return joined and open_token(app_keys, *joined, now_ms)


def pieces_vector(name, ends, text=SESSION, cookie=COOKIE):
    sealed = vector(name, text, cookie=f"{cookie}\0{len(ends) + 1}")
    return {**sealed, "cookie": cookie, "cookies": to_pieces(cookie, sealed["token"], ends)}


def pieces_vectors():
    return [
        pieces_vector("a session in two pieces", [64]),
        pieces_vector("a session in eight pieces", [14, 20, 21, 22, 23, 24, 25]),
        pieces_vector("a prefixed name in two pieces", [100], cookie="__Host-sess"),
    ]


def refused_pieces_vectors():
    two, three = pieces_vector("refused pieces", [64]), pieces_vector("refused pieces", [64, 100])
    other = pieces_vector("refused pieces of another", [64])
    first, second = two["cookies"][COOKIE], two["cookies"][COOKIE + ".1"]
    third = three["cookies"][COOKIE + ".2"]
    whole = seal(KEY, COOKIE, write_plaintext(SESSION), nonce_for("refused pieces"))
    mark = first[5:][6:14]
    other_second = other["cookies"][COOKIE + ".1"]

    def refused(name, *values):
        cookies = {piece_name(COOKIE, index): value for index, value in enumerate(values) if value is not None}
        return {"name": name, "appKeys": [KEY], "cookie": COOKIE, "nowMs": NOW_MS, "cookies": cookies}

    return [
        refused("the first piece alone", first),
        refused("the last piece missing", *list(three["cookies"].values())[:2]),
        refused("a piece in the middle missing", three["cookies"][COOKIE], None, third),
        refused("two pieces in each other's place", three["cookies"][COOKIE], third, three["cookies"][COOKIE + ".1"]),
        refused("a piece cut short", first, second[:-1]),
        refused("a piece grown", first, second + "AAAA"),
        refused("a piece of another token", first, other_second),
        refused("a piece of another token under this one's mark", first, mark + other_second[8:]),
        refused("a piece without its mark", first, second[9:]),
        refused("another number of pieces", first.replace("v1=2.", "v1=3."), second, mark + "."),
        refused("the number left out", "v1=" + first[5:], second),
        refused("one piece", "v1=1." + first[5:] + second[9:]),
        refused("nine pieces", "v1=9." + first[5:] + second[9:], *[mark + "."] * 8),
        refused("pieces of a token for one cookie", *to_pieces(COOKIE, whole, [64]).values()),
        refused("a token for pieces as one", two["token"]),
    ]


def make():
    app_keys = [KEY, OTHER_KEY, *TWIN_KEYS]
    return {
        "writer": "python3 sealed_v1.py --write",
        "keys": [
            {"appKey": key, "encryptionKey": encryption_key(key).hex(), "keyId": key_id(key).hex()} for key in app_keys
        ],
        "opened": opened_vectors(),
        "refused": refused_vectors(),
        "pieces": pieces_vectors(),
        "refusedPieces": refused_pieces_vectors(),
    }


def check(vectors):
    for case in vectors["opened"]:
        result = open_token(case["appKeys"], case["cookie"], case["token"], case["nowMs"])
        expected = {field: case[field] for field in ("text", "keyIndex", "createdAtMs", "expiresAtMs", "id") if field in case}
        assert result == expected, case["name"]
    for case in vectors["refused"]:
        assert open_token(case["appKeys"], case["cookie"], case["token"], case["nowMs"]) is None, case["name"]
    for case in vectors["pieces"]:
        result = open_pieces(case["appKeys"], case["cookie"], case["cookies"], case["nowMs"])
        assert result == {"text": case["text"], "keyIndex": 0}, case["name"]
    for case in vectors["refusedPieces"]:
        assert open_pieces(case["appKeys"], case["cookie"], case["cookies"], case["nowMs"]) is None, case["name"]
    assert vectors == make(), "sealing again gives other bytes"
    opened, refused = (len(vectors[one]) + len(vectors[more]) for one, more in (("opened", "pieces"), ("refused", "refusedPieces")))
    print(f"{opened} vectors opened, {refused} refused")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        VECTORS.write_text(json.dumps(make(), indent=2) + "\n")
    check(json.loads(VECTORS.read_text()))
