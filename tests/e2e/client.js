"use strict";
/*
 * A client of TPX in JavaScript, for Node.
 *
 * Nothing of the exchange is used but tpx.proto and what proto/README.md says. One object is one
 * session's connection:
 *
 *     const client = new Client({endpoint, serverKey, key: {publicKey, secretKey}, session: 3});
 *     await client.logOn();              // after this everything that was missed has been reported
 *     const number = await client.send(order({account: 1, instrument: 1, side: "SIDE_BUY",
 *                                             price: 1005, qty: 200}));
 *     const reports = await client.answers(number);    // durable: they are never taken back
 *
 * `client.reports` lists every report in the order of the ledger, each once; `client.cursor` is to
 * be stored with what was made of them, and given to the next Client. With dropCopy: true and
 * session 0 it listens for the key's whole participant and sends nothing: `whose` of a report is
 * then the session that is told it, 0 for what is the participant's own.
 *
 * Enums are their names; numbers of 64 bits are decimal strings, and cursors BigInts. Beside each
 * report stand its bytes as they came: the ledger holds the same.
 */

const path = require("path");
const protobuf = require("protobufjs");
const zmq = require("zeromq");

const PROTOCOL = 1;
const PATIENCE_MS = 30000;
const HEARTBEATS_MISSED = 3;
const MONITOR_MS = 1000;  // a connection that is gone has been told of by then

const root = new protobuf.Root();
root.loadSync(path.join(__dirname, "../../proto/tpx.proto"), { keepCase: true });

/* A message's bytes from a plain object, and back. */
function encode(type, object) {
    const message = root.lookupType(`tpx.${type}`);
    return Buffer.from(message.encode(message.fromObject(object)).finish());
}

function decode(type, bytes) {
    const message = root.lookupType(`tpx.${type}`);
    return message.toObject(message.decode(bytes), {
        enums: String, longs: String, defaults: true, arrays: true, oneofs: true });
}

/* The exchange does not know the key. */
class KeyRefused extends Error {}

/* The connection is gone: logOn() again. */
class Lost extends Error {}

/* The exchange has ended the session's connection, or refused the Logon. */
class LoggedOff extends Error {
    constructor({ reason, text }) {
        super(`${reason}: ${text}`);
        this.reason = reason;
    }
}

/* A limit order, as the body of a request. */
function order({ account, instrument, side, price, qty, tif = "TIME_IN_FORCE_DAY" }) {
    return { new_order: { account, instrument, side, price, order_qty: qty,
                          ord_type: "ORD_TYPE_LIMIT", time_in_force: tif } };
}

/* The number of the request that a report answers, 0 when nobody asked. */
function answered(report) {
    return Number(report[report.body]?.cl_ord_id ?? 0);
}

/* What a promise brings, null when that takes longer. */
async function inTime(promise, ms) {
    let timer;
    const late = new Promise((resolve) => { timer = setTimeout(resolve, ms, null); });
    const brought = await Promise.race([promise, late]);
    clearTimeout(timer);
    return brought;
}

class Client {
    constructor({ endpoint, serverKey, key, session, cursor = 0n, dropCopy = false }) {
        Object.assign(this, { endpoint, serverKey, key, session, cursor, dropCopy });
        this.lastNumber = 0;     // highest used
        this.reports = [];       // {report, bytes, whose} in order of the ledger
        this.repeats = [];       // likewise, recorded answers to repeated requests
        this.refused = new Map();  // number: Refused
        this.sent = new Map();   // number: request bytes without an answer yet
        this.loggedOn = null;
        this.isLive = false;
        this.gaps = 0;
        this.losesNext = false;  // for a test: the next live frame is lost on the way
        this.socket = null;
    }

    // ------------------------------------------------------------------------------ connection

    dial() {
        this.hangUp();
        // libzmq must not dial again by itself: on a new connection the Logon comes first.
        this.socket = new zmq.Dealer({
            linger: 0, reconnectInterval: -1, sendTimeout: 0, curveServerKey: this.serverKey,
            curvePublicKey: this.key.publicKey, curveSecretKey: this.key.secretKey });
        this.trouble = null;
        this.receiving = null;
        this.troubled = new Promise((resolve) => { this.tellTrouble = resolve; });
        this.watch(this.socket);
        this.socket.connect(this.endpoint);
    }

    /* A refused key shows nowhere but in the monitor's events. */
    async watch(socket) {
        for await (const { type } of socket.events) {
            if (socket !== this.socket)
                return;
            if (type === "handshake:error:auth")
                this.trouble ??= new KeyRefused();
            else if (["handshake:error:other", "disconnect", "close"].includes(type))
                this.trouble ??= new Lost();
            if (this.trouble)
                this.tellTrouble();
        }
    }

    hangUp() {
        const socket = this.socket;
        this.socket = null;
        this.isLive = false;
        socket?.close();
    }

    async sendFrame(requests) {
        if (this.trouble)
            throw this.trouble;
        try {
            await this.socket.send(encode("ClientFrame", { request: requests }));
        } catch {  // there is no connection, or it is full: the monitor knows
            await inTime(this.troubled, MONITOR_MS);
            throw this.trouble ?? new Lost();
        }
        this.sentAt = Date.now();
    }

    async sendOwn(body) {
        await this.sendFrame([encode("Request", body)]);
    }

    /* The next message, null when none comes in time. */
    async receive(ms) {
        this.receiving ??= this.socket.receive();
        this.receiving.catch(() => {});  // of a socket that is hung up while it waits
        const parts = await inTime(this.receiving, ms);
        if (parts === null)
            return null;
        this.receiving = null;
        return parts[0];
    }

    // ----------------------------------------------------------------------------------- frames

    /* Takes one frame, if one comes in time, and keeps the connection alive. Returns it. */
    async poll(ms) {
        if (this.trouble)
            throw this.trouble;
        const bytes = await this.receive(ms);
        if (bytes !== null)
            this.heardAt = Date.now();
        await this.stayAlive();
        if (bytes === null)
            return null;
        const frame = decode("ReplyFrame", bytes);
        if (this.losesNext && frame.event.length > 0 && frame.from !== frame.next) {
            this.losesNext = false;
            return null;
        }
        await this.take(frame);
        return frame;
    }

    async stayAlive() {
        if (this.loggedOn === null)
            return;
        const heartbeatMs = this.loggedOn.heartbeat_ms;
        if (Date.now() - this.sentAt > heartbeatMs / 2)
            await this.sendOwn({ heartbeat: {} });
        if (Date.now() - this.heardAt > heartbeatMs * HEARTBEATS_MISSED)
            throw new Lost();
    }

    async take(frame) {
        const from = BigInt(frame.from);
        const next = BigInt(frame.next);
        for (const refused of frame.refused) {
            this.refused.set(Number(refused.number), refused);
            this.sent.delete(Number(refused.number));
        }
        if (frame.logged_off)
            throw new LoggedOff(frame.logged_off);
        if (from === next) {  // beside the order: the answer to a repeat
            frame.event.forEach((bytes) => this.answer(bytes, this.session, this.repeats));
            return;
        }
        if (from > this.cursor) {
            if (this.isLive) {
                this.gaps++;
                await this.askPage();
            }
            return;
        }
        frame.event.forEach((bytes, i) =>
            this.answer(bytes, this.dropCopy ? frame.session[i] : this.session, this.reports));
        if (next > this.cursor)
            this.cursor = next;
        if (frame.is_page && !frame.is_live) {
            await this.askPage();
        } else if (frame.is_live) {
            if (this.isLive)  // we lagged: the gateway's own answers were lost
                await this.sendAgain();
            this.isLive = true;
        }
    }

    answer(bytes, whose, where) {
        const report = decode("Report", bytes);
        if (where === this.reports && BigInt(report.sequence) < this.cursor)
            return;
        where.push({ report, bytes, whose });
        if (!this.dropCopy)
            this.sent.delete(answered(report));
    }

    async askPage() {
        this.isLive = false;
        await this.sendOwn({ resume: { next: String(this.cursor) } });
    }

    async sendAgain() {
        const requests = [...this.sent.values()];
        for (let at = 0; at < requests.length; at += 1024)
            await this.sendFrame(requests.slice(at, at + 1024));
    }

    async wait(isDone, what) {
        const end = Date.now() + PATIENCE_MS;
        while (!isDone()) {
            if (Date.now() > end)
                throw new Error(`${what} did not come`);
            await this.poll(100);
        }
    }

    // --------------------------------------------------------------------------------- requests

    /* Connects, logs on, and fetches what was missed. Requests that have no answer yet are sent
     * again under their numbers: the exchange answers each exactly once. */
    async logOn() {
        this.dial();
        this.loggedOn = null;
        this.sentAt = this.heardAt = Date.now();
        await this.sendOwn({ logon: { session: this.session, next: String(this.cursor),
                                      protocol: PROTOCOL, drop_copy: this.dropCopy } });
        const end = Date.now() + PATIENCE_MS;
        while (this.loggedOn === null) {
            if (Date.now() > end)
                throw new Error("no LoggedOn");
            const frame = await this.poll(100);
            this.loggedOn = frame?.logged_on ?? null;
        }
        this.lastNumber = Math.max(this.lastNumber, Number(this.loggedOn.last_number));
        this.isLive = this.loggedOn.is_live;
        if (!this.isLive)
            await this.askPage();
        await this.wait(() => this.isLive, "the end of what was missed");
        await this.sendAgain();
    }

    /* Returns the reason that the exchange gives. */
    async logOff() {
        await this.sendOwn({ logoff: {} });
        try {
            await this.wait(() => false, "LoggedOff");
        } catch (end) {
            if (end instanceof LoggedOff)
                return end.reason;
            throw end;
        }
        return null;
    }

    /* A request with the next number, or with this one. Returns number and bytes. */
    encodeRequest(body, number = 0) {
        const used = number || this.lastNumber + 1;
        this.lastNumber = Math.max(this.lastNumber, used);
        return { number: used, bytes: encode("Request", { number: used, ...body }) };
    }

    /* Sends one request. Returns its number. */
    async send(body, number = 0) {
        return this.sendEncoded(this.encodeRequest(body, number));
    }

    async sendEncoded({ number, bytes }) {
        this.sent.set(number, bytes);
        await this.sendFrame([bytes]);
        return number;
    }

    /* Sends up to 1,024 requests in one frame. Returns their numbers. */
    async sendMany(bodies) {
        const encoded = bodies.map((body) => this.encodeRequest(body));
        for (const { number, bytes } of encoded)
            this.sent.set(number, bytes);
        await this.sendFrame(encoded.map(({ bytes }) => bytes));
        return encoded.map(({ number }) => number);
    }

    /* Waits for the answer to a request: its reports, in order. */
    async answers(number) {
        await this.wait(() => !this.sent.has(number), `an answer to request ${number}`);
        return [...this.reports, ...this.repeats].map(({ report }) => report)
            .filter((report) => answered(report) === number);
    }

    orderId(number) {
        return String((BigInt(this.session) << 40n) | BigInt(number));
    }
}

module.exports = { Client, HEARTBEATS_MISSED, KeyRefused, LoggedOff, Lost, PATIENCE_MS, answered, decode,
                   encode, inTime, order };
