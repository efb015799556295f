"use strict";
/*
 * The market as everybody sees it, in JavaScript: the feed, queries, and a book made of both.
 *
 * Nothing of the exchange is used but tpx.proto and what proto/README.md says.
 *
 *     const feed = new Feed({endpoint: endpointOfFeed, serverKey, key, channels: [0]});
 *     const asker = new Asker({endpoint: endpointOfQuery, serverKey, key});
 *     const book = new Book(1);
 *     await book.recover(feed, asker);     // whole, from the middle of the day
 *     for (;;)
 *         book.take(await feed.poll(100)); // and goes on; after a gap recover() it anew
 */

const zmq = require("zeromq");
const { HEARTBEATS_MISSED, PATIENCE_MS, Lost, decode, encode, inTime } = require("./client.js");

const INSTRUMENTS_OF_CHANNEL = 256;
const ASK_AGAIN_MS = 1000;
const FRAMES_WAITING = 1000;  // taken between two pages, so that the feed does not lose them

const SIDES = { SIDE_BUY: 1, SIDE_SELL: 2 };

function curve({ serverKey, key }) {
    return { linger: 0, curveServerKey: serverKey, curvePublicKey: key.publicKey,
             curveSecretKey: key.secretKey };
}

function highest(a, b) {
    return a > b ? a : b;
}

/* Messages of a socket, one at a time. */
class Inbox {
    constructor(socket) {
        this.socket = socket;
        this.receiving = null;
    }

    /* The next one's parts, null when none comes in time. */
    async next(ms) {
        this.receiving ??= this.socket.receive();
        this.receiving.catch(() => {});  // of a socket that is closed while it waits
        const parts = await inTime(this.receiving, ms);
        if (parts !== null)
            this.receiving = null;
        return parts;
    }
}

class Feed {
    /* Subscribes to these channels, to all when none is named. */
    constructor({ endpoint, channels = [], ...keys }) {
        this.socket = new zmq.Subscriber(curve(keys));
        const topics = channels.map((channel) => {
            const topic = Buffer.alloc(4);
            topic.writeUInt32BE(channel);
            return topic;
        });
        this.socket.subscribe(...(topics.length > 0 ? topics : [""]));
        this.socket.connect(endpoint);
        this.inbox = new Inbox(this.socket);
        this.kept = new Map();   // channel: told everything below this sequence
        this.heardAt = Date.now();
        this.heartbeatMs = null;
        this.losesNext = false;  // for a test: the next frame with events is lost on the way
    }

    close() {
        this.socket.close();
    }

    /* What the next message tells, {channel, begin, end, reports, isGap}; null when none comes. */
    async poll(ms) {
        const parts = await this.inbox.next(ms);
        if (parts === null) {
            const silence = Date.now() - this.heardAt;
            if (this.heartbeatMs !== null && silence > HEARTBEATS_MISSED * this.heartbeatMs)
                throw new Lost();
            return null;
        }
        const frame = decode("FeedFrame", parts[1]);
        this.heardAt = Date.now();
        if (frame.heartbeat_ms > 0)
            this.heartbeatMs = frame.heartbeat_ms;
        if (this.losesNext && frame.event.length > 0) {
            this.losesNext = false;
            return null;
        }
        return this.take(parts[0].readUInt32BE(), frame);
    }

    take(channel, frame) {
        const begin = BigInt(frame.prev);
        const end = BigInt(frame.sequence);
        const kept = this.kept.get(channel) ?? begin;
        const isGap = begin > kept;
        const reports = frame.event.map((bytes) => decode("Report", bytes))
            .filter((report) => isGap || BigInt(report.sequence) >= kept);
        this.kept.set(channel, highest(kept, end));
        return { channel, begin, end, reports, isGap };
    }
}

class Asker {
    constructor({ endpoint, ...keys }) {
        this.socket = new zmq.Dealer(curve(keys));
        this.socket.connect(endpoint);
        this.inbox = new Inbox(this.socket);
        this.lastId = 0;
    }

    close() {
        this.socket.close();
    }

    /* The answer to one question, which may be a refusal. What is lost with a connection is asked
     * again: a question changes nothing. */
    async ask(query) {
        const id = ++this.lastId;
        const frame = encode("QueryFrame", { query: [encode("Query", { id, ...query })] });
        const patienceMs = ASK_AGAIN_MS + (query.wait_ms ?? 0);
        const end = Date.now() + PATIENCE_MS;
        while (Date.now() < end) {
            await this.socket.send(frame);
            const answer = await this.answer(id, Date.now() + patienceMs);
            if (answer)
                return answer;
        }
        throw new Error("no answer");
    }

    async answer(id, end) {
        for (let left; (left = end - Date.now()) > 0;) {
            const parts = await this.inbox.next(left);
            const answers = parts === null ? [] : decode("AnswerFrame", parts[0]).answer;
            const answer = answers.map((bytes) => decode("Answer", bytes))
                .find((candidate) => Number(candidate.id) === id);
            if (answer)
                return answer;
        }
        return null;
    }

    /* Every page of an answer, first to last. `at_least` counts for the first. */
    async* pages(query) {
        let next = query;
        for (;;) {
            const answer = await this.ask(next);
            yield answer;
            if (answer.refused || answer.cursor.length === 0)
                return;
            next = { ...query, at_least: 0, cursor: answer.cursor };
        }
    }
}

/* Where an order stands in its book: bids before asks, each as they would trade. */
function position({ side, price, entry }) {
    const key = BigInt(price);
    return [BigInt(SIDES[side]), side === "SIDE_BUY" ? -key : key, BigInt(entry)];
}

function isBefore(a, b) {
    const at = a.findIndex((part, i) => part !== b[i]);
    return at >= 0 && a[at] < b[at];
}

/* One instrument's orders, by the names that everybody knows them by. */
class Book {
    constructor(instrument) {
        this.instrument = instrument;
        this.channel = Math.floor(instrument / INSTRUMENTS_OF_CHANNEL);
        this.orders = new Map();  // entry: {side, price, entry, quantity}
        this.pages = [];          // that it was recovered from: {last, asOf}; last null: the end
    }

    /* Makes it whole, from pages of so many rows and what the feed tells meanwhile. Does it again
     * when the feed shows a gap on the way. */
    async recover(feed, asker, rows = 0) {
        const end = Date.now() + PATIENCE_MS;
        while (!await this.tryTo(feed, asker, rows))
            if (Date.now() > end)
                throw new Error("the book does not become whole");
    }

    async tryTo(feed, asker, rows) {
        let first = null;
        while (first?.channel !== this.channel)
            first = await feed.poll(100);
        const kept = [];
        this.orders.clear();
        this.pages = [];
        const query = { at_least: String(first.begin), wait_ms: 5000, limit: rows,
                        book_orders: { instrument: this.instrument } };
        for await (const answer of asker.pages(query)) {
            if (answer.refused)
                throw new Error(answer.refused.reason);
            this.takePage(answer);
            for (let told, i = 0; i < FRAMES_WAITING && (told = await feed.poll(0)) !== null; i++)
                kept.push(told);
        }
        const asOf = this.pages.map((page) => page.asOf).reduce(highest);
        while (feed.kept.get(this.channel) < asOf) {
            const told = await feed.poll(100);
            if (told !== null)
                kept.push(told);
        }
        if (kept.some((told) => told.channel === this.channel && told.isGap))
            return false;
        [first, ...kept].forEach((told) => this.take(told));
        return true;
    }

    takePage(answer) {
        const asOf = BigInt(answer.as_of);
        for (const row of answer.entry)
            this.orders.set(row.entry, { ...row });
        if (answer.entry.length > 0)
            this.pages.push({ last: position(answer.entry[answer.entry.length - 1]), asOf });
        if (answer.cursor.length === 0)  // the last page: all that remains
            this.pages.push({ last: null, asOf });
    }

    /* Carries out what the feed tells. False at a gap: recover() it. */
    take(told) {
        if (told === null || told.channel !== this.channel)
            return true;
        told.reports.forEach((report) => this.takeEvent(report));
        return !told.isGap;
    }

    /* Whether it happened after the page that covers this order's position was made. */
    counts(report, order) {
        const where = position(order);
        const page = this.pages.find(({ last }) => last === null || !isBefore(last, where));
        return BigInt(report.sequence) >= page.asOf;
    }

    takeEvent(report) {
        const event = report[report.body];
        if (!report.body.startsWith("book_") || event.instrument !== this.instrument)
            return;
        if (report.body === "book_added") {
            if (this.counts(report, event))
                this.orders.set(event.entry, { ...event });
            return;
        }
        const order = this.orders.get(event.entry);
        if (!order || !this.counts(report, order))
            return;
        if (report.body === "book_reduced")
            order.quantity = event.quantity;
        else if (report.body === "book_traded" && event.leaves !== "0")
            order.quantity = event.leaves;
        else
            this.orders.delete(event.entry);
    }

    /* [price, quantity] of one side, best first. */
    levels(side) {
        const sums = new Map();
        for (const order of this.orders.values())
            if (order.side === side)
                sums.set(order.price, (sums.get(order.price) ?? 0n) + BigInt(order.quantity));
        const sign = side === "SIDE_BUY" ? -1 : 1;
        return [...sums].sort(([a], [b]) => sign * Number(BigInt(a) - BigInt(b)));
    }
}

module.exports = { Asker, Book, Feed };
