"""SM3 and SM2 of the national profile, in Python alone: what check_tlog.py needs to hash and to
check a signature, and sign.py to make one. Written from GB/T 32905 (SM3) and GB/T 32918 (SM2), with ledger/README.md for the
forms of keys and signatures. Run as a program it compares itself with the standards' examples.
"""
import functools
import secrets
import struct

# --- SM3, GB/T 32905 -------------------------------------------------------------------------------

MASK = 0xFFFFFFFF
START = struct.unpack(">8I", bytes.fromhex(
    "7380166f4914b2b9172442d7da8a0600a96f30bc163138aae38dee4db0fb0e4e"))


def turn(word, places):
    places %= 32
    return (word << places | word >> (32 - places)) & MASK


TURNED = [turn(0x79CC4519 if i < 16 else 0x7A879D8A, i) for i in range(64)]


def compress(state, block):
    w = list(struct.unpack(">16I", block))
    for i in range(16, 68):
        x = w[i - 16] ^ w[i - 9] ^ turn(w[i - 3], 15)
        w.append(x ^ turn(x, 15) ^ turn(x, 23) ^ turn(w[i - 13], 7) ^ w[i - 6])
    a, b, c, d, e, f, g, h = state
    for i in range(64):
        a12 = turn(a, 12)
        one = turn(a12 + e + TURNED[i] & MASK, 7)
        ff = a ^ b ^ c if i < 16 else a & b | a & c | b & c
        gg = e ^ f ^ g if i < 16 else e & f | ~e & g
        two = ff + d + (one ^ a12) + (w[i] ^ w[i + 4]) & MASK
        three = gg + h + one + w[i] & MASK
        a, b, c, d = two, a, turn(b, 9), c
        e, f, g, h = three ^ turn(three, 9) ^ turn(three, 17), e, turn(f, 19), g
    return tuple(x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h)))


@functools.lru_cache(maxsize=1 << 16)
def sm3(data):
    padded = data + b"\x80" + bytes((55 - len(data)) % 64) + struct.pack(">Q", 8 * len(data))
    state = START
    for at in range(0, len(padded), 64):
        state = compress(state, padded[at:at + 64])
    return struct.pack(">8I", *state)


# --- SM2, GB/T 32918, on the recommended curve of part 5 ---------------------------------------------

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
     0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0)
ID = b"1234567812345678"


def add(a, b):
    """The sum of two points; None is the point at infinity."""
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = (3 * a[0] * a[0] + A) * pow(2 * a[1], P - 2, P) % P
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], P - 2, P) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(number, point):
    result = None
    while number > 0:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def point_of(data):
    """02 or 03, and x: the point whose y is even or odd."""
    x = int.from_bytes(data[1:], "big")
    if len(data) != 33 or data[0] not in (2, 3) or x >= P:
        return None
    square = (x * x * x + A * x + B) % P
    y = pow(square, (P + 1) // 4, P)
    if y * y % P != square:
        return None
    return x, y if y & 1 == data[0] & 1 else P - y


def put(number):
    return number.to_bytes(32, "big")


def digest(point, message):
    z = sm3(struct.pack(">H", 8 * len(ID)) + ID + put(A) + put(B) + put(G[0]) + put(G[1]) +
            put(point[0]) + put(point[1]))
    return int.from_bytes(sm3(z + message), "big")


def sign(secret, message):
    """For tests: the time it takes tells of the secret."""
    d = int.from_bytes(secret, "big")
    e = digest(times(d, G), message)
    while True:
        k = secrets.randbelow(N - 1) + 1
        r = (e + times(k, G)[0]) % N
        s = pow(1 + d, N - 2, N) * (k - r * d) % N
        if r not in (0, N - k) and s != 0:
            return put(r) + put(s)


def is_signed(public_key, message, signature):
    point = point_of(public_key)
    r = int.from_bytes(signature[:32], "big")
    s = int.from_bytes(signature[32:], "big")
    t = (r + s) % N
    if len(signature) != 64 or point is None or not 0 < r < N or not 0 < s < N or t == 0:
        return False
    e = digest(point, message)
    sum_of_both = add(times(s, G), times(t, point))
    return sum_of_both is not None and (e + sum_of_both[0]) % N == r


if __name__ == "__main__":
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3(b"abcd" * 16).hex() == (
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732")
    KEY = bytes.fromhex("0309f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020")
    SIGNATURE = bytes.fromhex("f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
                              "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa")
    assert is_signed(KEY, b"message digest", SIGNATURE)
    assert not is_signed(KEY, b"message digesT", SIGNATURE)
    SECRET = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
    assert is_signed(KEY, b"message", sign(SECRET, b"message"))
    print("SM3 and SM2 are those of the standards")
