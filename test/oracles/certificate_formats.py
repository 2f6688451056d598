"""A second verifier and restorer, written from docs/formats.md alone, and a second writer.

Reads test/vectors/formats-1.json (written by MedLocker), checks and restores everything in it, writes a set of its own
to test/vectors/formats-1-python.json (which MedLocker's tests must verify and restore), and notes what it saw and with
which versions in certificate_formats.json beside itself. Run: python test/oracles/certificate_formats.py
(needs the package cryptography).
"""

import hashlib
import hmac
import json
import math
import platform
import struct
import unicodedata
import zlib
from decimal import Decimal
from pathlib import Path

import cryptography
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

HERE = Path(__file__).parent
VECTORS = HERE.parent / "vectors"


# ---- canonical JSON (RFC 8785) ----

def jcs(value) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return jcs_string(value)
    if isinstance(value, (int, float)):
        return jcs_number(float(value))
    if isinstance(value, list):
        return "[" + ",".join(jcs(item) for item in value) + "]"
    members = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be"))
    return "{" + ",".join(jcs_string(key) + ":" + jcs(item) for key, item in members) + "}"


def jcs_string(text: str) -> str:
    text.encode("utf-8")  # refuses lone surrogates
    short = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
    return '"' + "".join(short.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in text) + '"'


def jcs_number(number: float) -> str:
    """ECMAScript's Number::toString: shortest digits that read back, plain between 1e-7 and 1e21."""
    if not math.isfinite(number):
        raise ValueError("number is not finite")
    if number == 0:
        return "0"
    if number < 0:
        return "-" + jcs_number(-number)
    _, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    text = "".join(map(str, digits))
    point = len(text) + exponent
    if len(text) <= point <= 21:
        return text + "0" * (point - len(text))
    if 0 < point <= 21:
        return text[:point] + "." + text[point:]
    if -6 < point <= 0:
        return "0." + "0" * -point + text
    mantissa = text[0] + ("." + text[1:] if len(text) > 1 else "")
    return f"{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def read_json_file(data: bytes, expected_format=None):
    value = json.loads(data.decode("utf-8"))
    if jcs(value).encode() + b"\n" != data:
        raise ValueError("not canonical")
    if expected_format and value.get("format") != expected_format:
        raise ValueError("another format")
    return value


def json_file(value) -> bytes:
    return jcs(value).encode() + b"\n"


# ---- primitives ----

def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def hkdf(secret: bytes, salt: bytes, info: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt, info.encode()).derive(secret)


def scrypt(passphrase: str, parameters) -> bytes:
    data = unicodedata.normalize("NFC", passphrase).encode()
    return Scrypt(bytes.fromhex(parameters["salt"]), 32, 2 ** parameters["logN"], 8, 1).derive(data)


def opened(key: bytes, nonce: bytes, associated: bytes, sealed: bytes):
    try:
        return AESGCM(key).decrypt(nonce, sealed, associated)
    except InvalidTag:
        return None


def pixel_hash(image, samples: bytes) -> bytes:
    line = f"medlocker-pixels/1 {image['width']} {image['height']} {image['channels']} {image['bitDepth']}\n"
    return sha256(line.encode(), samples)


def image_id(original: bytes, protected: bytes) -> bytes:
    return sha256(b"medlocker-image/1\n", original, protected)[:16]


def signature_holds(document) -> bool:
    message = f"{document['format']}\n".encode() + jcs(document["body"]).encode()
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(document["body"]["owner"]["publicKey"]))
    try:
        key.verify(bytes.fromhex(document["signature"]), message)
        return True
    except InvalidSignature:
        return False


def without(document, member):
    return {key: value for key, value in document.items() if key != member}


def raw_private(der: bytes, kind: str) -> bytes:
    oid = {"owner": "70", "recipient": "6e"}[kind]
    assert der[:16].hex() == f"302e020100300506032b65{oid}04220420"
    return der[16:48]


def open_secret_key(data: bytes, passphrase: str):
    file = read_json_file(data, "medlocker-secret-key/1")
    key = scrypt(passphrase, file["scrypt"])
    associated = jcs(without(file, "ciphertext")).encode()
    return file, opened(key, bytes.fromhex(file["nonce"]), associated, bytes.fromhex(file["ciphertext"]))


# ---- residual ----

def read_leb128(data: bytes, at: int):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def write_leb128(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def read_residual(data: bytes):
    first, header_line, rest = data.split(b"\n", 2)
    assert first == b"medlocker-residual/1"
    header = read_json_file(header_line + b"\n")
    size = header["silhouetteBytes"]
    silhouette, at, end, pixels = rest[:size], 0, 0, []
    while at < size:
        skip, at = read_leb128(silhouette, at)
        run, at = read_leb128(silhouette, at)
        pixels.extend(range(end + skip, end + skip + run))
        end += skip + run
    associated = first + b"\n" + header_line + b"\n" + silhouette
    return header, silhouette, pixels, associated, rest[size:size + 12], rest[size + 12:]


def unpack(plaintext: bytes, header, pixels, protected: bytes) -> bytes:
    packed = zlib.decompress(plaintext)
    channels, wide, count = header["channels"], header["bitDepth"] == 16, len(pixels)
    kind = "H" if wide else "B"
    samples = list(struct.unpack(f"<{len(protected) // (2 if wide else 1)}{kind}", protected))
    assert len(packed) == count * channels * (2 if wide else 1)
    for channel in range(channels):
        base, before = channel * count * (2 if wide else 1), 0
        for index, pixel in enumerate(pixels):
            step = packed[base + index] * 256 + packed[base + count + index] if wide else packed[base + index]
            before = (before + step) % 2 ** header["bitDepth"]
            samples[pixel * channels + channel] = before
    return struct.pack(f"<{len(samples)}{kind}", *samples)


def pack(samples, header, pixels) -> bytes:
    """Plaintext of a residual; samples is the flat list of the original's samples."""
    out = bytearray()
    for channel in range(header["channels"]):
        before, steps = 0, []
        for pixel in pixels:
            sample = samples[pixel * header["channels"] + channel]
            steps.append((sample - before) % 2 ** header["bitDepth"])
            before = sample
        if header["bitDepth"] == 16:
            out += bytes(step >> 8 for step in steps) + bytes(step & 255 for step in steps)
        else:
            out += bytes(steps)
    return zlib.compress(bytes(out), 6)


# ---- Merkle tree (RFC 6962, by its recursive definition) ----

def merkle(leaves) -> bytes:
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return sha256(b"\0", leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1", merkle(leaves[:split]), merkle(leaves[split:]))


def audit_path(leaves, index):
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return audit_path(leaves[:split], index) + [merkle(leaves[split:])]
    return audit_path(leaves[split:], index - split) + [merkle(leaves[:split])]


# ---- licences ----

def unwrap(data: bytes, trusted_key: str, secret) -> dict:
    """Image id -> residual key, or {'set': set key}; secret is a passphrase or 32 raw private bytes."""
    licence = read_json_file(data, "medlocker-licence/1")
    body = licence["body"]
    assert signature_holds(licence) and body["owner"]["publicKey"] == trusted_key
    recipient = body["recipient"]
    if recipient["kind"] == "passphrase":
        key = scrypt(secret, recipient["scrypt"])
    else:
        ephemeral = bytes.fromhex(recipient["ephemeralKey"])
        shared = X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(ephemeral))
        key = hkdf(shared, ephemeral + bytes.fromhex(recipient["publicKey"]), "medlocker/1 licence key")
    associated = jcs(without(body, "wrappedKeys")).encode()
    keys = opened(key, bytes.fromhex(recipient["nonce"]), associated, bytes.fromhex(body["wrappedKeys"]))
    assert keys is not None
    if body["scope"]["kind"] == "set":
        return {"set": keys}
    return {name: keys[32 * i:32 * i + 32] for i, name in enumerate(body["scope"]["imageIds"])}


# ---- the other program's files ----

def check_image(image, keys, set_id: bytes, trusted_key: str) -> dict:
    certificate_file, residual_file = image["certificate"].encode(), bytes.fromhex(image["residual"])
    certificate = read_json_file(certificate_file, "medlocker-certificate/1")
    body = certificate["body"]
    stated = body["image"]
    protected = bytes.fromhex(image["protectedSamples"])
    assert signature_holds(certificate) and body["owner"]["publicKey"] == trusted_key
    original_hash, protected_hash = (bytes.fromhex(stated[f"{which}PixelsSha256"]) for which in ("original", "protected"))
    assert pixel_hash(stated, protected) == protected_hash
    assert image_id(original_hash, protected_hash).hex() == body["imageId"]
    restoration = body["restoration"]
    assert sha256(residual_file).hex() == restoration["sha256"] and len(residual_file) == restoration["bytes"]
    header, silhouette, pixels, associated, nonce, sealed = read_residual(residual_file)
    assert sha256(silhouette).hex() == restoration["silhouetteSha256"]
    assert len(pixels) == header["silhouettePixels"] == restoration["silhouettePixels"]
    assert header["imageId"] == body["imageId"]
    zone = bytes.fromhex(image["zone"])
    width, height = stated["width"], stated["height"]
    assert sha256(f"{width} {height}\n".encode(), zone).hex() == body["zone"]["sha256"]
    forbidden = [(p % width, p // width) for p in range(len(zone)) if zone[p]]
    clearance = min(math.dist((p % width, p // width), q) for p in pixels for q in forbidden)
    assert sum(zone[p] for p in pixels) == 0 == body["zone"]["overlap"]
    name = bytes.fromhex(body["imageId"])
    key = keys.get(body["imageId"])
    if key is None and "set" in keys:
        key = hkdf(keys["set"], name, "medlocker/1 residual key")
    result = {"path": image["path"], "imageId": body["imageId"], "clearance": clearance,
              "clearanceAsStated": math.isclose(clearance, body["zone"]["clearance"], rel_tol=1e-15),
              "certificateSha256": sha256(certificate_file).hex(), "restored": None}
    if key is not None:
        plaintext = opened(key, nonce, associated, sealed)
        assert plaintext is not None
        original = unpack(plaintext, header, pixels, protected)
        assert pixel_hash(stated, original) == original_hash
        assert original.hex() == image["originalSamples"]
        result["restored"] = pixel_hash(stated, original).hex()
        if "set" in keys:
            nonce_key = hkdf(keys["set"], name, "medlocker/1 residual nonce")
            expected = hmac.new(nonce_key, associated + plaintext, hashlib.sha256).digest()[:12]
            assert expected == nonce
        wrong = bytes([key[0] ^ 1]) + key[1:]
        assert opened(wrong, nonce, associated, sealed) is None
    return result


def check_set(vectors) -> dict:
    trusted = vectors["keys"]["owner"]["publicKey"]
    seen = {}
    file, secret = open_secret_key(vectors["keys"]["owner"]["secretKeyFile"].encode(), vectors["passphrases"]["owner"])
    signing = Ed25519PrivateKey.from_private_bytes(raw_private(secret[:48], "owner"))
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    assert signing.public_key().public_bytes(*raw).hex() == file["publicKey"] == trusted
    set_id = bytes.fromhex(vectors["setId"])
    set_key = hkdf(secret[48:], set_id, "medlocker/1 set key")
    seen["setKeyFits"] = set_key.hex() == vectors["setKey"]
    seen["ownerKeyId"] = sha256(bytes.fromhex(trusted)).hex()
    _, recipient_secret = open_secret_key(
        vectors["keys"]["recipient"]["secretKeyFile"].encode(), vectors["passphrases"]["recipient"])
    recipient = raw_private(recipient_secret, "recipient")
    licences = vectors["licences"]
    access = {
        "owner": {"set": set_key},
        "setForKey": unwrap(licences["setForKey"].encode(), trusted, recipient),
        "imagesForKey": unwrap(licences["imagesForKey"].encode(), trusted, recipient),
        "setForPassphrase": unwrap(licences["setForPassphrase"].encode(), trusted, vectors["passphrases"]["licence"]),
    }
    seen["images"] = {
        name: [check_image(image, keys, set_id, trusted) for image in vectors["images"]] for name, keys in access.items()
    }
    manifest = read_json_file(vectors["manifest"].encode(), "medlocker-manifest/1")
    body = manifest["body"]
    assert signature_holds(manifest)
    paths = [entry["path"].encode() for entry in body["entries"]]
    assert paths == sorted(set(paths)) and body["counts"]["protected"] == len(paths)
    leaves = [jcs(entry).encode() for entry in body["entries"]]
    seen["merkleRoot"] = merkle(leaves).hex()
    assert seen["merkleRoot"] == body["merkleRoot"]
    by_path = {image["path"]: image for image in vectors["images"]}
    for entry in body["entries"]:
        assert sha256(by_path[entry["path"]]["certificate"].encode()).hex() == entry["certificateSha256"]
    for item in vectors["inclusion"]:
        index = [entry["path"] for entry in body["entries"]].index(item["path"])
        expected = {"index": index, "size": len(leaves), "path": [h.hex() for h in audit_path(leaves, index)]}
        assert item["proof"] == expected
    return seen


# ---- files of its own ----

def write_set(vectors) -> dict:
    """One 5x4 image in each depth, certified, licensed and listed by this program; keys are fixed and public."""
    stream = hashlib.shake_256(b"medlocker python vectors").digest(4096)
    signing = Ed25519PrivateKey.from_private_bytes(stream[:32])
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    owner = {"name": "Python owner", "publicKey": signing.public_key().public_bytes(*raw).hex()}
    root, set_id = stream[32:64], stream[64:80]
    set_key = hkdf(root, set_id, "medlocker/1 set key")

    def signed(name, body):
        message = f"{name}\n".encode() + jcs(body).encode()
        return json_file({"format": name, "body": body, "signature": signing.sign(message).hex()})

    images, entries = [], []
    template = read_json_file(vectors["images"][0]["certificate"].encode())["body"]
    for path, channels, depth in (("b/ü.png", 3, 8), ("a.tif", 1, 16)):
        size = 20 * channels
        original = [int.from_bytes(stream[200 + 2 * i:202 + 2 * i], "big") % 2 ** depth for i in range(size)]
        pixels = [0, 1, 2, 7, 13, 14, 15, 19]
        protected = list(original)
        for pixel in pixels:
            for channel in range(channels):
                protected[pixel * channels + channel] = (original[pixel * channels + channel] * 55 + 200 * 255 + 127) // 255
        kind = "<%d%s" % (size, "H" if depth == 16 else "B")
        original_bytes, protected_bytes = struct.pack(kind, *original), struct.pack(kind, *protected)
        shape = {"width": 5, "height": 4, "channels": channels, "bitDepth": depth}
        original_hash, protected_hash = pixel_hash(shape, original_bytes), pixel_hash(shape, protected_bytes)
        name = image_id(original_hash, protected_hash)
        hash_members = {"originalPixelsSha256": original_hash.hex(), "protectedPixelsSha256": protected_hash.hex()}
        silhouette, end = b"", 0
        for start, run in ((0, 3), (7, 1), (13, 3), (19, 1)):
            silhouette += write_leb128(start - end) + write_leb128(run)
            end = start + run
        header = {"kind": "pixel-residual/1", "imageId": name.hex(), **shape, **hash_members,
                  "silhouetteBytes": len(silhouette), "silhouettePixels": len(pixels)}
        associated = b"medlocker-residual/1\n" + json_file(header) + silhouette
        plaintext = pack(original, header, pixels)
        nonce_key = hkdf(set_key, name, "medlocker/1 residual nonce")
        nonce = hmac.new(nonce_key, associated + plaintext, hashlib.sha256).digest()[:12]
        key = hkdf(set_key, name, "medlocker/1 residual key")
        residual = associated + nonce + AESGCM(key).encrypt(nonce, plaintext, associated)
        zone = bytearray(20)
        zone[10] = 1
        body = {**template, "imageId": name.hex(), "setId": set_id.hex(), "owner": owner,
                "tool": {"name": "certificate_formats.py", "version": "1"},
                "image": {**shape, **hash_members, "path": path, "format": "tiff" if depth == 16 else "png"},
                "zone": {**template["zone"], "sha256": sha256(b"5 4\n", bytes(zone)).hex(),
                         "clearance": min(math.dist((p % 5, p // 5), (0, 2)) for p in pixels)},
                "quality": {"psnr": 1e-7, "ssim": 0.1 + 0.2, "fieldOfViewFraction": 5e-324},
                "restoration": {"kind": "pixel-residual/1", "sha256": sha256(residual).hex(), "bytes": len(residual),
                                "silhouetteSha256": sha256(silhouette).hex(), "silhouettePixels": len(pixels)}}
        certificate = signed("medlocker-certificate/1", body)
        entries.append({"path": path, "imageId": name.hex(), "certificateSha256": sha256(certificate).hex()})
        images.append({"path": path, **shape, "originalSamples": original_bytes.hex(), "protectedSamples": protected_bytes.hex(),
                       "zone": bytes(zone).hex(), "certificate": certificate.decode(), "residual": residual.hex()})
    entries.sort(key=lambda entry: entry["path"].encode())
    common = {"setId": set_id.hex(), "created": template["created"], "owner": owner}
    manifest = signed("medlocker-manifest/1", {
        **common, "tool": {"name": "certificate_formats.py", "version": "1"}, "licensee": None, "terms": None,
        "counts": {"protected": len(entries), "noRoom": 0, "failed": 0}, "entries": entries,
        "merkleRoot": merkle([jcs(entry).encode() for entry in entries]).hex()})

    ephemeral = X25519PrivateKey.from_private_bytes(stream[96:128])
    public = bytes.fromhex(vectors["keys"]["recipient"]["publicKey"])
    ephemeral_public = ephemeral.public_key().public_bytes(*raw)
    wrapping = hkdf(ephemeral.exchange(X25519PublicKey.from_public_bytes(public)), ephemeral_public + public,
                    "medlocker/1 licence key")
    unwrapped = {**common, "licenceId": stream[128:144].hex(), "expires": None, "licensee": "Vector recipient", "terms": "",
                 "scope": {"kind": "set"},
                 "recipient": {"kind": "x25519", "publicKey": public.hex(), "ephemeralKey": ephemeral_public.hex(),
                               "nonce": stream[144:156].hex()}}
    sealed = AESGCM(wrapping).encrypt(stream[144:156], set_key, jcs(unwrapped).encode())
    licence = signed("medlocker-licence/1", {**unwrapped, "wrappedKeys": sealed.hex()})

    header = {"format": "medlocker-secret-key/1", "kind": "owner", "name": owner["name"], "created": template["created"],
              "publicKey": owner["publicKey"], "scrypt": {"logN": 17, "salt": stream[156:172].hex()},
              "nonce": stream[172:184].hex()}
    passphrase = "python's own passphrase"
    secret = bytes.fromhex("302e020100300506032b657004220420") + stream[:32] + root
    ciphertext = AESGCM(scrypt(passphrase, header["scrypt"])).encrypt(stream[172:184], secret, jcs(header).encode())
    return {
        "about": "Written by test/oracles/certificate_formats.py from docs/formats.md. The keys are public: never use them.",
        "setId": set_id.hex(), "passphrase": passphrase, "images": images, "manifest": manifest.decode(),
        "licence": licence.decode(),
        "publicKeyFile": json_file({"format": "medlocker-public-key/1", "kind": "owner", **owner}).decode(),
        "secretKeyFile": json_file({**header, "ciphertext": ciphertext.hex()}).decode(),
    }


def check_canonical_form() -> int:
    vectors = json.loads((VECTORS / "rfc8785.json").read_text("utf-8"))
    for case in vectors["documents"]:
        assert jcs(json.loads(case["input"])).encode().hex() == case["canonicalHex"], case["name"]
    for bits, text in vectors["numbers"]:
        assert jcs_number(struct.unpack(">d", bytes.fromhex(bits))[0]) == text, bits
    return len(vectors["documents"]) + len(vectors["numbers"])


def main():
    vectors = json.loads((VECTORS / "formats-1.json").read_text("utf-8"))
    seen = check_set(vectors)
    versions = {"python": platform.python_version(), "cryptography": cryptography.__version__, "zlib": zlib.ZLIB_VERSION}
    output = {"versions": versions, "canonicalFormVectors": check_canonical_form(),
              "vectorsSha256": sha256((VECTORS / "formats-1.json").read_bytes()).hex(), **seen}
    (HERE / "certificate_formats.json").write_text(json.dumps(output, indent=1) + "\n", "utf-8")
    own = json.dumps(write_set(vectors), indent=1, ensure_ascii=False) + "\n"
    (VECTORS / "formats-1-python.json").write_text(own, "utf-8")
    restored = {name: sum(image["restored"] is not None for image in images) for name, images in seen["images"].items()}
    print(f"all checks passed; restored by access: {restored}; {versions}")


if __name__ == "__main__":
    main()
