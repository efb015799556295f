"use strict";
/*
 * Scenes that test_javascript_client.c has played: what client.js does against a real exchange.
 *
 *     client_play.js SCENE ENDPOINT SERVER_KEY SESSION ACCOUNT KEYFILE  SESSION ACCOUNT KEYFILE
 *
 * Ann's session first, then Bob's. Ends with 0, or with a stack.
 */

const assert = require("assert").strict;
const fs = require("fs");
const zmq = require("zeromq");
const { Client, KeyRefused, LoggedOff, Lost, answered, encode, order } = require("./client.js");
const { Asker, Book, Feed } = require("./market.js");

function loadKey(path) {
    const words = fs.readFileSync(path, "ascii").split("\n").map((line) => line.split(" "));
    const keys = Object.fromEntries(words.filter((word) => word.length === 2));
    return { publicKey: keys["tpx-curve-public"], secretKey: keys["tpx-curve-secret"] };
}

/* One of the two: where it dials, who it is, and its account. */
class Desk {
    constructor(endpoint, serverKey, session, account, keyFile) {
        Object.assign(this, { endpoint, serverKey, session: Number(session),
                              account: Number(account), key: loadKey(keyFile) });
    }

    client(cursor = 0n) {
        return new Client({ ...this, cursor });
    }

    dropCopy(cursor = 0n) {
        return new Client({ ...this, session: 0, cursor, dropCopy: true });
    }

    feed() {
        return new Feed({ ...this, endpoint: process.env.TPX_FEED, channels: [0] });
    }

    asker() {
        return new Asker({ ...this, endpoint: process.env.TPX_QUERY });
    }

    buy(price, qty) {
        return order({ account: this.account, instrument: 1, side: "SIDE_BUY", price, qty });
    }

    sell(price, qty) {
        return order({ account: this.account, instrument: 1, side: "SIDE_SELL", price, qty });
    }
}

const kinds = (reports) => reports.map((report) => report.execution.exec_type);
const hex = (list) => list.map(({ bytes }) => bytes.toString("hex"));
const last = (list) => list[list.length - 1];

/* Every report once, in the order of the ledger. */
function inOrder(client) {
    const places = client.reports.map(({ report }) =>
        (BigInt(report.sequence) << 32n) + BigInt(report.place));
    places.forEach((place, i) => assert(i === 0 || places[i - 1] < place));
    assert(client.reports.every(({ report }) => BigInt(report.sequence) < client.cursor));
}

/* What a promise ends with, which must be an error of this kind. */
async function failure(kind, promise) {
    try {
        await promise;
    } catch (error) {
        if (error instanceof kind)
            return error;
        throw error;
    }
    throw new Error(`no ${kind.name}`);
}

async function open(...clients) {
    for (const client of clients)
        await client.logOn();
    return clients;
}

/* The exchange is gone, or stops: hangs up, and does not dial in a tight circle. */
async function away(client, error) {
    if (error instanceof LoggedOff)
        assert.equal(error.reason, "REASON_NOT_READY");
    else if (!(error instanceof Lost))
        throw error;
    client.hangUp();
    await new Promise((resolve) => { setTimeout(resolve, 20); });
}

function close(...clients) {
    clients.forEach((client) => client.hangUp());
}

/* Numbers that are the same in every run: 0 .. below - 1. */
function randomOf(seed) {
    let state = BigInt(seed);
    return (below) => {
        state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
        return Number((state >> 33n) % BigInt(below));
    };
}

/* Random orders around 1000 and cancels, so that some rest, some trade and some go. */
async function deal(client, desk, random, count) {
    const bodies = [];
    for (let i = 0; i < count; i++) {
        const [price, qty] = [980 + random(41), 1 + random(50)];
        bodies.push(random(2) ? desk.buy(price, qty) : desk.sell(price, qty));
        if (random(10) < 4)
            bodies.push({ cancel: {
                order_id: client.orderId(1 + random(client.lastNumber + bodies.length)) } });
    }
    await client.sendMany(bodies);
}

/* The whole book as the exchange has it, when nobody trades. */
async function recordedBook(asker, atLeast) {
    const orders = [];
    for await (const answer of asker.pages({ at_least: String(atLeast), wait_ms: 5000,
                                             book_orders: { instrument: 1 } }))
        orders.push(...answer.entry);
    return rows(orders);
}

function rows(orders) {
    return [...orders].map(({ entry, side, price, quantity }) =>
        [entry, side, price, quantity].join(" ")).sort();
}

const scenes = {
    async trade(ann, bob) {
        const [seller, buyer] = await open(ann.client(), bob.client());
        assert.equal(seller.loggedOn.environment, "ENVIRONMENT_TEST");
        const number = await seller.send(ann.sell(1005, 200));
        assert.deepEqual(kinds(await seller.answers(number)), ["EXEC_TYPE_NEW"]);
        assert.equal(last(seller.reports).report.execution.order_id, seller.orderId(number));
        const bought = await buyer.send(bob.buy(1010, 150));
        await buyer.wait(() => buyer.reports.filter(({ report }) =>
            answered(report) === bought).length === 2, "the trade");
        const [accepted, fill] = await buyer.answers(bought);
        assert.deepEqual(kinds([accepted, fill]), ["EXEC_TYPE_NEW", "EXEC_TYPE_TRADE"]);
        assert.deepEqual([fill.execution.last_px, fill.execution.last_qty], ["1005", "150"]);
        assert.equal(fill.execution.ord_status, "ORD_STATUS_FILLED");
        const traded = () => last(seller.reports).report.execution;
        await seller.wait(() => traded().exec_type === "EXEC_TYPE_TRADE", "hers");
        assert.equal(traded().leaves_qty, "50");
        assert(traded().is_maker);
        assert.equal(traded().trd_match_id, fill.execution.trd_match_id);
        const cancel = await seller.send({ cancel: { order_id: seller.orderId(number) } });
        assert.deepEqual(kinds(await seller.answers(cancel)), ["EXEC_TYPE_CANCELED"]);
        assert.equal(await seller.logOff(), "REASON_NONE");
        close(seller, buyer);
    },

    async repeat(ann) {
        const [client] = await open(ann.client());
        const request = client.encodeRequest(ann.buy(1, 10));
        const { number } = request;
        await client.sendEncoded(request);
        await client.answers(number);
        await client.sendEncoded(request);
        await client.answers(number);
        assert.deepEqual(client.repeats[0].bytes, last(client.reports).bytes);
        await client.send(ann.buy(1, 11), number);
        await client.wait(() => client.refused.has(number), "a refusal");
        assert.equal(client.refused.get(number).reason, "REASON_DUPLICATE_CLIENT_ORDER_ID");
        await client.answers(await client.send(ann.buy(1, 10), number + 100));
        await client.send(ann.buy(1, 10), number + 50);
        await client.wait(() => client.refused.has(number + 50), "a refusal");
        assert.equal(client.refused.get(number + 50).reason, "REASON_NOT_SEQUENCED");
        close(client);
    },

    /* Frames that are lost on the way are found missing, and fetched. */
    async gap(ann) {
        const [client] = await open(ann.client());
        for (let round = 0; round < 5; round++) {
            client.losesNext = true;
            const numbers = await client.sendMany(Array(20).fill(ann.buy(1, 1)));
            /* The answers are lost; the next report, or heartbeat, shows it. */
            await client.wait(() => !numbers.some((number) => client.sent.has(number)), "them");
        }
        assert(client.gaps >= 1);
        inOrder(client);
        close(client);
    },

    /* Away and back with its cursor; and anew, knowing nothing. */
    async resume(ann) {
        const [client] = await open(ann.client());
        for (const number of await client.sendMany(Array(1000).fill(ann.buy(1, 1))))
            await client.answers(number);
        close(client);
        const [again] = await open(ann.client(client.cursor));
        assert.deepEqual(again.reports, []);
        const number = await again.send(ann.buy(1, 2));
        await again.answers(number);
        close(again);
        const [anew] = await open(ann.client());
        assert.deepEqual(hex(anew.reports.slice(0, client.reports.length)), hex(client.reports));
        assert.equal(answered(last(anew.reports).report), number);
        inOrder(anew);
        close(anew);
    },

    async refusals(ann, bob) {
        const stranger = ann.client();
        stranger.key = zmq.curveKeyPair();
        await failure(KeyRefused, stranger.logOn());
        const foreign = bob.client();
        foreign.session = ann.session;
        assert.equal((await failure(LoggedOff, foreign.logOn())).reason, "REASON_NOT_AUTHORISED");
        const [client] = await open(ann.client());
        const number = 2 ** 39;
        await client.sendEncoded({ number, bytes: encode("Request", { number }) });
        await client.wait(() => client.refused.has(number), "a refusal");
        assert.equal(client.refused.get(number).reason, "REASON_MALFORMED");
        assert.equal(client.refused.get(number).field, "request");
        const unknown = order({ account: ann.account, instrument: 77, side: "SIDE_BUY", price: 1,
                                qty: 1 });
        const [{ execution }] = await client.answers(await client.send(unknown));
        assert.equal(execution.exec_type, "EXEC_TYPE_REJECTED");
        assert.equal(execution.reason, "REASON_UNKNOWN_INSTRUMENT");
        assert.equal(execution.field, "FIELD_INSTRUMENT");
        close(stranger, foreign, client);
    },

    /* Hears all of Ann's sessions and nothing of Bob's, now and from anywhere again. */
    async drop_copy(ann, bob) {
        const [seller, buyer, copy] = await open(ann.client(), bob.client(), ann.dropCopy());
        assert.equal(copy.loggedOn.session, 0);
        assert.equal(copy.loggedOn.credits, 0);
        for (let i = 0; i < 10; i++) {
            await seller.answers(await seller.send(ann.sell(1005, 100)));
            await buyer.answers(await buyer.send(bob.buy(1005, 100)));
        }
        await seller.answers(await seller.send(ann.sell(1006, 1)));
        await copy.wait(() => copy.cursor >= seller.cursor, "what the seller was told");
        const told = copy.reports.filter(({ whose }) => whose === ann.session);
        assert.deepEqual(hex(told), hex(seller.reports));
        const heard = new Set(hex(copy.reports));
        assert(hex(buyer.reports).every((bytes) => !heard.has(bytes)));
        const own = copy.reports.filter(({ whose }) => whose === 0);
        assert(["session", "key"].every((body) => own.some(({ report }) => report.body === body)));
        inOrder(copy);
        await copy.send(ann.buy(1, 1), 1);
        await copy.wait(() => copy.refused.has(1), "a refusal");
        assert.equal(copy.refused.get(1).reason, "REASON_NOT_AUTHORISED");
        assert.equal(copy.refused.get(1).field, "logon.drop_copy");
        const middle = BigInt(copy.reports[copy.reports.length >> 1].report.sequence);
        const [newer] = await open(ann.dropCopy(middle));
        assert.deepEqual(hex(newer.reports), hex(copy.reports.filter(({ report }) =>
            BigInt(report.sequence) >= middle)));
        const end = await failure(LoggedOff, copy.wait(() => false, "LoggedOff"));
        assert.equal(end.reason, "REASON_NONE");
        close(seller, buyer, copy, newer);
    },

    /* A book from the middle, by small pages while others trade; through gaps; and from scratch. */
    async market(ann, bob) {
        const [seller, buyer] = await open(ann.client(), bob.client());
        const [asker, feed, joiner] = [ann.asker(), ann.feed(), ann.feed()];
        const random = randomOf(11);
        const book = new Book(1);
        const dealers = [[seller, ann], [buyer, bob]];
        let gaps = 0;
        const take = async (told, count) => {
            if (!book.take(told)) {
                gaps++;
                await book.recover(feed, asker, count);
            }
        };
        for (let round = 0; round < 40; round++) {
            for (const [client, desk] of dealers)
                await deal(client, desk, random, 10);
            if (round === 5)
                await book.recover(feed, asker, 7);
            if (round === 15 || round === 25)
                feed.losesNext = true;
            for (const [client] of dealers)
                await client.wait(() => client.sent.size === 0, "answers");
            for (let told; round >= 5 && (told = await feed.poll(10)) !== null;)
                await take(told, 7);
        }
        const cursor = seller.cursor > buyer.cursor ? seller.cursor : buyer.cursor;
        while (feed.kept.get(0) < cursor)
            await take(await feed.poll(100), 0);
        assert.equal(gaps, 2);
        const recorded = await recordedBook(asker, cursor);
        assert(recorded.length > 0);
        assert.deepEqual(rows(book.orders.values()), recorded);
        const [[bid], [ask]] = [book.levels("SIDE_BUY")[0], book.levels("SIDE_SELL")[0]];
        assert(Number(bid) < Number(ask));
        const late = new Book(1);
        await late.recover(joiner, asker, 3);
        assert.deepEqual(rows(late.orders.values()), recorded);
        close(seller, buyer);
        [asker, feed, joiner].forEach((end) => end.close());
    },

    /* What one may ask about oneself, and that a stranger learns nothing. */
    async questions(ann, bob) {
        const [client] = await open(ann.client());
        const [asker, other] = [ann.asker(), bob.asker()];
        const number = await client.send(ann.buy(500, 3));
        await client.answers(number);
        const seen = { at_least: String(client.cursor), wait_ms: 5000 };
        const orderQuery = { order: { order_id: client.orderId(number) }, ...seen };
        const [row] = (await asker.ask(orderQuery)).order;
        assert.deepEqual([row.account, row.price, row.leaves_qty], [ann.account, "500", "3"]);
        const mine = [];
        for await (const answer of asker.pages({ open_orders: { session: ann.session }, limit: 1,
                                                 ...seen }))
            mine.push(...answer.order.map((open_) => open_.order_id));
        assert.deepEqual(mine, [client.orderId(number)]);
        const [account] = (await asker.ask({ accounts: { account: ann.account }, ...seen })).account;
        assert(Number(account.reserved) >= 1500);
        const foreign = await other.ask(orderQuery);
        const nothing = await other.ask({ order: { order_id: client.orderId(number + 1) }, ...seen });
        assert.deepEqual(foreign.refused, nothing.refused);
        assert.equal(foreign.refused.reason, "REASON_UNKNOWN_ORDER");
        close(client);
        [asker, other].forEach((end) => end.close());
    },

    /* Trades on while the exchange is killed: each order is in the ledger once, answered once. */
    async persist(ann) {
        const WANTED = 4000;
        const client = ann.client();
        const end = Date.now() + 60000;
        let lost = 0;
        while (client.loggedOn === null || client.sent.size > 0 || client.lastNumber < WANTED) {
            assert(Date.now() < end, `${client.lastNumber} ${client.sent.size} ${lost}`);
            try {
                if (!client.isLive) {
                    await client.logOn();
                    console.log(`live ${lost}`);
                }
                if (client.sent.size < 200 && client.lastNumber < WANTED)
                    await client.sendMany(Array.from({ length: 10 }, (_, i) => ann.buy(1, 1 + i)));
                await client.poll(2);
            } catch (error) {
                await away(client, error);
                lost++;
            }
        }
        close(client);
        const [anew] = await open(ann.client());
        const answers = anew.reports.map(({ report }) => answered(report)).filter(Boolean);
        assert.deepEqual(answers, Array.from({ length: WANTED }, (_, i) => i + 1));
        inOrder(client);
        assert.equal(client.refused.size, 0);
        assert.deepEqual(hex(client.reports), hex(anew.reports));
        assert(lost > 0);
        close(anew);
    },

    /* Keeps a book while the exchange is killed: feed and asker come back by themselves, and what was
     * missed shows as a gap. */
    async rebuild(ann) {
        const WANTED = 2000;
        const [client, asker, feed, book] = [ann.client(), ann.asker(), ann.feed(), new Book(1)];
        const random = randomOf(5);
        const end = Date.now() + 60000;
        let [gaps, lost] = [0, 0];
        const take = async (told) => {
            if (!book.take(told)) {
                gaps++;
                await book.recover(feed, asker);
            }
        };
        await book.recover(feed, asker);
        while (client.loggedOn === null || client.sent.size > 0 || client.lastNumber < WANTED) {
            assert(Date.now() < end, `${client.lastNumber} ${client.sent.size} ${lost} ${gaps}`);
            try {
                if (!client.isLive) {
                    await client.logOn();
                    console.log(`live ${lost}`);
                }
                if (client.lastNumber < WANTED)
                    await deal(client, ann, random, 10);
                await client.wait(() => client.sent.size === 0, "answers");
                await take(await feed.poll(10));
            } catch (error) {
                await away(client, error);
                lost++;
            }
        }
        while (feed.kept.get(0) < client.cursor)
            await take(await feed.poll(100));
        assert.deepEqual(rows(book.orders.values()), await recordedBook(asker, client.cursor));
        assert(lost > 0 && gaps > 0, `${lost} ${gaps}`);
        close(client);
        [asker, feed].forEach((closed) => closed.close());
    },
};

const [scene, endpoint, serverKey, ...desks] = process.argv.slice(2);
scenes[scene](new Desk(endpoint, serverKey, ...desks.slice(0, 3)),
              new Desk(endpoint, serverKey, ...desks.slice(3, 6)))
    .then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
