"""Scenes that test_python.c has played: what client.py does against a real exchange.

    client_play.py SCENE ENDPOINT SERVER_KEY SESSION ACCOUNT KEYFILE  SESSION ACCOUNT KEYFILE

Ann's session first, then Bob's. Ends with 0, or with a traceback.
"""

import os
import random
import sys
import time

from client import Client, KeyRefused, LoggedOff, Lost, answered, order, tpx
from market import Asker, Book, Feed

import zmq


def load_key(path):
    words = [line.split() for line in open(path, encoding="ascii")]
    keys = {word[0]: word[1] for word in words if len(word) == 2}
    return keys["tpx-curve-public"], keys["tpx-curve-secret"]


class Desk:
    """One of the two: where it dials, who it is, and its account."""

    def __init__(self, endpoint, server_key, session, account, key_file):
        self.endpoint, self.server_key = endpoint, server_key
        self.session, self.account = int(session), int(account)
        self.key = load_key(key_file)

    def client(self, cursor=0):
        return Client(self.endpoint, self.server_key, self.key, self.session, cursor)

    def drop_copy(self, cursor=0):
        return Client(self.endpoint, self.server_key, self.key, 0, cursor, drop_copy=True)

    def feed(self):
        return Feed(os.environ["TPX_FEED"], self.server_key, self.key, channels=[0])

    def asker(self):
        return Asker(os.environ["TPX_QUERY"], self.server_key, self.key)

    def buy(self, price, qty):
        return order(self.account, 1, tpx.SIDE_BUY, price, qty)

    def sell(self, price, qty):
        return order(self.account, 1, tpx.SIDE_SELL, price, qty)


def kinds(reports):
    return [report.execution.exec_type for report in reports]


def in_order(client):
    """Every report once, in the order of the ledger."""
    places = [(report.sequence, report.place) for report, _ in client.reports]
    assert places == sorted(set(places)), places
    assert all(report.sequence < client.cursor for report, _ in client.reports)


def trade(ann, bob):
    seller, buyer = ann.client(), bob.client()
    seller.log_on()
    buyer.log_on()
    assert seller.logged_on.environment == tpx.ENVIRONMENT_TEST
    number = seller.send(ann.sell(1005, 200))
    assert kinds(seller.answers(number)) == [tpx.EXEC_TYPE_NEW]
    assert seller.reports[-1][0].execution.order_id == seller.order_id(number)
    bought = buyer.send(bob.buy(1010, 150))
    buyer.answers(bought)
    buyer.wait(lambda: len(buyer.answers(bought)) == 2, "the trade")
    new, fill = buyer.answers(bought)
    assert kinds([new, fill]) == [tpx.EXEC_TYPE_NEW, tpx.EXEC_TYPE_TRADE]
    assert (fill.execution.last_px, fill.execution.last_qty) == (1005, 150)
    assert fill.execution.ord_status == tpx.ORD_STATUS_FILLED
    seller.wait(lambda: seller.reports[-1][0].execution.exec_type == tpx.EXEC_TYPE_TRADE, "hers")
    hers = seller.reports[-1][0].execution
    assert (hers.leaves_qty, hers.is_maker, hers.trd_match_id) == (
        50, True, fill.execution.trd_match_id)
    cancel = seller.send(dict(cancel=tpx.Cancel(order_id=seller.order_id(number))))
    assert kinds(seller.answers(cancel)) == [tpx.EXEC_TYPE_CANCELED]
    assert seller.log_off() == tpx.REASON_NONE
    buyer.close()
    seller.close()


def repeat(ann, _bob):
    client = ann.client()
    client.log_on()
    number, encoded = client.encode(**ann.buy(1, 10))
    client.send_encoded(number, encoded)
    client.answers(number)
    client.send_encoded(number, encoded)
    client.answers(number)
    assert client.repeats[0][1] == client.reports[-1][1], "byte for byte"
    client.send(ann.buy(1, 11), number)
    client.wait(lambda: number in client.refused, "a refusal")
    assert client.refused[number].reason == tpx.REASON_DUPLICATE_CLIENT_ORDER_ID
    later = client.send(ann.buy(1, 10), number + 100)
    client.answers(later)
    client.send(ann.buy(1, 10), number + 50)
    client.wait(lambda: number + 50 in client.refused, "a refusal")
    assert client.refused[number + 50].reason == tpx.REASON_NOT_SEQUENCED
    client.close()


def gap(ann, _bob):
    """Frames that are lost on the way are found missing, and fetched."""
    client = ann.client()
    client.log_on()
    for round_ in range(5):
        client.loses_next = True
        numbers = client.send_many([ann.buy(1, 1)] * 20)
        # The answers are lost; the next report, or heartbeat, shows it.
        client.wait(lambda: not any(number in client.sent for number in numbers), "what was lost")
    assert client.gaps >= 1, client.gaps
    in_order(client)
    client.close()


def resume(ann, _bob):
    """Away and back with its cursor; and anew, knowing nothing."""
    client = ann.client()
    client.log_on()
    for number in client.send_many([ann.buy(1, 1)] * 1000):
        client.answers(number)
    first = list(client.reports)
    cursor = client.cursor
    client.close()
    again = ann.client(cursor)
    again.log_on()
    assert again.reports == []
    number = again.send(ann.buy(1, 2))
    again.answers(number)
    again.close()
    anew = ann.client()
    anew.log_on()
    assert anew.reports[:len(first)] == first, "the same bytes again"
    assert answered(anew.reports[-1][0]) == number
    in_order(anew)
    anew.close()


def refusals(ann, bob):
    client = ann.client()
    stranger = ann.client()
    stranger.key = tuple(key.decode() for key in zmq.curve_keypair())
    try:
        stranger.log_on()
        raise AssertionError("a stranger is let in")
    except KeyRefused:
        stranger.close()
    foreign = bob.client()
    foreign.session = ann.session
    try:
        foreign.log_on()
        raise AssertionError("Bob has Ann's session")
    except LoggedOff as end:
        assert end.reason == tpx.REASON_NOT_AUTHORISED
    foreign.close()
    client.log_on()
    client.send_encoded(1 << 39, tpx.Request(number=1 << 39).SerializeToString())
    client.wait(lambda: 1 << 39 in client.refused, "a refusal")
    assert client.refused[1 << 39].reason == tpx.REASON_MALFORMED
    assert client.refused[1 << 39].field == "request"
    report, = client.answers(client.send(order(ann.account, 77, tpx.SIDE_BUY, 1, 1)))
    assert report.execution.exec_type == tpx.EXEC_TYPE_REJECTED
    assert report.execution.reason == tpx.REASON_UNKNOWN_INSTRUMENT
    assert report.execution.field == tpx.FIELD_INSTRUMENT
    client.close()


def drop_copy(ann, bob):
    """Hears all of Ann's sessions and nothing of Bob's, now and from anywhere again."""
    seller, buyer, copy = ann.client(), bob.client(), ann.drop_copy()
    for client in (seller, buyer, copy):
        client.log_on()
    assert copy.logged_on.session == 0 and copy.logged_on.credits == 0
    for _ in range(10):
        sold = seller.send(ann.sell(1005, 100))
        seller.answers(sold)
        buyer.answers(buyer.send(bob.buy(1005, 100)))
    last = seller.send(ann.sell(1006, 1))
    seller.answers(last)
    copy.wait(lambda: copy.cursor >= seller.cursor, "what the seller was told")
    told = [event for (_, event), whose in zip(copy.reports, copy.whose) if whose == ann.session]
    assert told == [event for _, event in seller.reports], "byte for byte what the session was told"
    bobs = {event for _, event in buyer.reports}
    assert not bobs & {event for _, event in copy.reports}
    assert {report.WhichOneof("body") for (report, _), whose in zip(copy.reports, copy.whose)
            if whose == 0} >= {"session", "key"}
    in_order(copy)
    copy.send(ann.buy(1, 1), 1)
    copy.wait(lambda: 1 in copy.refused, "a refusal")
    assert copy.refused[1].reason == tpx.REASON_NOT_AUTHORISED
    assert copy.refused[1].field == "logon.drop_copy"
    newer = ann.drop_copy(cursor=copy.reports[len(copy.reports) // 2][0].sequence)
    newer.log_on()
    assert newer.reports == [pair for pair in copy.reports
                             if pair[0].sequence >= newer.reports[0][0].sequence]
    try:
        copy.wait(lambda: False, "LoggedOff")
    except LoggedOff as end:
        assert end.reason == tpx.REASON_NONE
    for client in (seller, buyer, copy, newer):
        client.close()


def deal(client, desk, draw, count):
    """Random orders around 1000 and cancels, so that some rest, some trade and some go."""
    bodies = []
    for _ in range(count):
        side = draw.choice([desk.buy, desk.sell])
        bodies.append(side(draw.randint(980, 1020), draw.randint(1, 50)))
        if draw.random() < 0.4:
            order_id = client.order_id(draw.randint(1, client.last_number + len(bodies)))
            bodies.append(dict(cancel=tpx.Cancel(order_id=order_id)))
    client.send_many(bodies)


def recorded_book(asker, at_least):
    """The whole book as the exchange has it, when nobody trades."""
    pages = asker.pages(at_least=at_least, wait_ms=5000,
                        book_orders=tpx.BookOrdersQuery(instrument=1))
    return {row.entry: [row.side, row.price, row.quantity]
            for answer in pages for row in answer.entry}


def market(ann, bob):
    """A book from the middle, by small pages while others trade; through gaps; and from scratch."""
    seller, buyer, asker, feed = ann.client(), bob.client(), ann.asker(), ann.feed()
    draw = random.Random(11)
    book = Book(1)
    dealers = [(seller, ann), (buyer, bob)]
    gaps = 0
    seller.log_on()
    buyer.log_on()
    for round_ in range(40):
        for client, desk in dealers:
            deal(client, desk, draw, 10)
        if round_ == 5:
            book.recover(feed, asker, rows=7)
        if round_ in (15, 25):
            feed.loses_next = True
        for client, _ in dealers:
            client.wait(lambda: not client.sent, "answers")
        while round_ >= 5 and (told := feed.poll(0.01)) is not None:
            if not book.take(told):
                gaps += 1
                book.recover(feed, asker, rows=7)
    cursor = max(seller.cursor, buyer.cursor)
    while feed.kept[0] < cursor:
        if not book.take(feed.poll(0.1)):
            gaps += 1
            book.recover(feed, asker)
    assert gaps == 2, gaps
    assert book.orders == recorded_book(asker, cursor) != {}
    bids, asks = book.levels(tpx.SIDE_BUY), book.levels(tpx.SIDE_SELL)
    assert bids[0][0] < asks[0][0] and bids == sorted(bids, reverse=True)
    joiner, late = ann.feed(), Book(1)
    late.recover(joiner, asker, rows=3)
    assert late.orders == book.orders
    for client in (seller, buyer, asker, feed, joiner):
        client.close()


def questions(ann, bob):
    """What one may ask about oneself, and that a stranger learns nothing."""
    client, asker, other = ann.client(), ann.asker(), bob.asker()
    client.log_on()
    number = client.send(ann.buy(500, 3))
    client.answers(number)
    seen = dict(at_least=client.cursor, wait_ms=5000)
    row, = asker.ask(order=tpx.OrderQuery(order_id=client.order_id(number)), **seen).order
    assert (row.account, row.price, row.leaves_qty) == (ann.account, 500, 3)
    mine = [row.order_id for answer in asker.pages(
        open_orders=tpx.OpenOrdersQuery(session=ann.session), limit=1, **seen)
            for row in answer.order]
    assert mine == [client.order_id(number)]
    account, = asker.ask(accounts=tpx.AccountsQuery(account=ann.account), **seen).account
    assert account.reserved >= 1500
    foreign = other.ask(order=tpx.OrderQuery(order_id=client.order_id(number)), **seen)
    nothing = other.ask(order=tpx.OrderQuery(order_id=client.order_id(number + 1)), **seen)
    assert foreign.refused == nothing.refused
    assert foreign.refused.reason == tpx.REASON_UNKNOWN_ORDER
    for end in (client, asker, other):
        end.close()


def persist(ann, _bob):
    """Trades on while the exchange is killed: each order is in the ledger once, answered once."""
    client = ann.client()
    draw = random.Random(7)
    wanted = 4000
    end = time.monotonic() + 60
    client.last_number = 0
    lost = 0
    while client.logged_on is None or client.sent or client.last_number < wanted:
        assert time.monotonic() < end, (client.last_number, len(client.sent), lost)
        try:
            if not client.is_live:
                client.log_on()
                print(f"live {lost}", flush=True)
            if len(client.sent) < 200 and client.last_number < wanted:
                client.send_many([ann.buy(1, draw.randint(1, 9))] * 10)
            client.poll(0.002)
        except Lost:
            lost += 1
            client.hang_up()
            time.sleep(0.02)  # not to dial in a tight circle while nobody is there
        except LoggedOff as off:
            assert off.reason == tpx.REASON_NOT_READY, off
            client.hang_up()
    client.close()
    anew = ann.client()
    anew.log_on()
    answers = [answered(report) for report, _ in anew.reports if answered(report)]
    assert answers == list(range(1, wanted + 1)), "each once, in order"
    in_order(client)
    assert not client.refused, client.refused
    assert [b for _, b in client.reports] == [b for _, b in anew.reports]
    assert lost > 0
    anew.close()


def rebuild(ann, _bob):
    """Keeps a book while the exchange is killed: feed and asker come back by themselves, and what
    was missed shows as a gap."""
    client, asker, feed, book = ann.client(), ann.asker(), ann.feed(), Book(1)
    draw = random.Random(5)
    end = time.monotonic() + 60
    book.recover(feed, asker)
    gaps = lost = 0
    while client.logged_on is None or client.sent or client.last_number < 2000:
        assert time.monotonic() < end, (client.last_number, len(client.sent), lost, gaps)
        try:
            if not client.is_live:
                client.log_on()
                print(f"live {lost}", flush=True)
            if client.last_number < 2000:
                deal(client, ann, draw, 10)
            client.wait(lambda: not client.sent, "answers")
            if not book.take(feed.poll(0.01)):
                gaps += 1
                book.recover(feed, asker)
        except Lost:
            lost += 1
            client.hang_up()
            time.sleep(0.02)
        except LoggedOff as off:
            assert off.reason == tpx.REASON_NOT_READY, off
            client.hang_up()
    while feed.kept[0] < client.cursor:
        if not book.take(feed.poll(0.1)):
            gaps += 1
            book.recover(feed, asker)
    assert book.orders == recorded_book(asker, client.cursor) != {}
    assert lost > 0 and gaps > 0, (lost, gaps)
    for end in (client, asker, feed):
        end.close()


if __name__ == "__main__":
    scene, endpoint, server_key = sys.argv[1:4]
    desks = [Desk(endpoint, server_key, *sys.argv[at:at + 3]) for at in (4, 7)]
    globals()[scene](*desks)
