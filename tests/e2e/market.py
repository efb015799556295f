"""The market as everybody sees it, in Python: the feed, queries, and a book made of both.

Nothing of the exchange is used but tpx.proto and what proto/README.md says.

    feed = Feed(endpoint_of_feed, server_key, (public_key, secret_key), channels=[0])
    asker = Asker(endpoint_of_query, server_key, (public_key, secret_key))
    book = Book(instrument=1)
    book.recover(feed, asker)       # whole, from the middle of the day
    while True:
        book.take(feed.poll(0.1))   # and goes on; after a gap recover() it anew
"""

import bisect
import struct
import time

import zmq

from client import HEARTBEATS_MISSED, PATIENCE_S, Lost, tpx

INSTRUMENTS_OF_CHANNEL = 256
ASK_AGAIN_S = 1
FRAMES_WAITING = 1000  # taken between two pages, so that the feed does not lose them


def secure(socket, server_key, key):
    socket.linger = 0
    socket.curve_serverkey = server_key.encode()
    socket.curve_publickey, socket.curve_secretkey = (k.encode() for k in key)
    return socket


class Told:
    """One frame's worth: what a channel told, in order, and whether something before it is lost."""

    def __init__(self, channel, begin, end, reports, is_gap):
        self.channel, self.begin, self.end = channel, begin, end
        self.reports, self.is_gap = reports, is_gap


class Feed:
    def __init__(self, endpoint, server_key, key, channels=()):
        """Subscribes to these channels, to all when none is named."""
        self.context = zmq.Context()
        self.socket = secure(self.context.socket(zmq.SUB), server_key, key)
        for topic in [struct.pack(">I", channel) for channel in channels] or [b""]:
            self.socket.subscribe(topic)
        self.socket.connect(endpoint)
        self.kept = {}           # channel: told everything below this sequence
        self.heard_at = time.monotonic()
        self.heartbeat_s = None
        self.loses_next = False  # for a test: the next frame with events is lost on the way

    def close(self):
        self.socket.close(0)
        self.context.term()

    def poll(self, seconds):
        """What the next message tells, None when none comes in time."""
        if not self.socket.poll(int(seconds * 1000)):
            silence = time.monotonic() - self.heard_at
            if self.heartbeat_s is not None and silence > HEARTBEATS_MISSED * self.heartbeat_s:
                raise Lost()
            return None
        topic, payload = self.socket.recv_multipart()
        frame = tpx.FeedFrame.FromString(payload)
        self.heard_at = time.monotonic()
        if frame.heartbeat_ms:
            self.heartbeat_s = frame.heartbeat_ms / 1000
        if self.loses_next and frame.event:
            self.loses_next = False
            return None
        return self._take(struct.unpack(">I", topic)[0], frame)

    def _take(self, channel, frame):
        kept = self.kept.get(channel, frame.prev)
        is_gap = frame.prev > kept
        reports = [tpx.Report.FromString(event) for event in frame.event]
        new = [report for report in reports if is_gap or report.sequence >= kept]
        self.kept[channel] = max(kept, frame.sequence)
        return Told(channel, frame.prev, frame.sequence, new, is_gap)


class Asker:
    def __init__(self, endpoint, server_key, key):
        self.context = zmq.Context()
        self.socket = secure(self.context.socket(zmq.DEALER), server_key, key)
        self.socket.connect(endpoint)
        self.last_id = 0

    def close(self):
        self.socket.close(0)
        self.context.term()

    def ask(self, **query):
        """The answer to one question, which may be a refusal. What is lost with a connection is
        asked again: a question changes nothing."""
        self.last_id += 1
        encoded = tpx.Query(id=self.last_id, **query).SerializeToString()
        frame = tpx.QueryFrame(query=[encoded]).SerializeToString()
        patience_s = ASK_AGAIN_S + query.get("wait_ms", 0) / 1000
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            self.socket.send(frame)
            answer = self._answer(time.monotonic() + patience_s)
            if answer is not None:
                return answer
        raise TimeoutError("no answer")

    def _answer(self, end):
        while (left := end - time.monotonic()) > 0:
            if not self.socket.poll(int(left * 1000) + 1):
                continue
            for answer in tpx.AnswerFrame.FromString(self.socket.recv()).answer:
                answer = tpx.Answer.FromString(answer)
                if answer.id == self.last_id:
                    return answer
        return None

    def pages(self, **query):
        """Every page of an answer, first to last. `at_least` counts for the first."""
        while True:
            answer = self.ask(**query)
            yield answer
            if answer.HasField("refused") or not answer.cursor:
                return
            query.update(cursor=answer.cursor, at_least=0)


def position(side, price, entry):
    """Where an order stands in its book: bids before asks, each as they would trade."""
    return side, -price if side == tpx.SIDE_BUY else price, entry


class Book:
    """One instrument's orders, by the names that everybody knows them by."""

    def __init__(self, instrument):
        self.instrument = instrument
        self.channel = instrument // INSTRUMENTS_OF_CHANNEL
        self.orders = {}    # entry: [side, price, quantity]
        self.ends = []      # of the pages it was recovered from: the last position of each,
        self.as_of = []     # and the as-of of each

    def recover(self, feed, asker, rows=0):
        """Makes it whole, from pages of so many rows and what the feed tells meanwhile. Does it
        again when the feed shows a gap on the way."""
        end = time.monotonic() + PATIENCE_S
        while not self._try(feed, asker, rows):
            if time.monotonic() > end:
                raise TimeoutError("the book does not become whole")

    def _try(self, feed, asker, rows):
        told = None
        while told is None or told.channel != self.channel:
            told = feed.poll(0.1)
        self.orders, self.ends, self.as_of = {}, [], []
        kept = [told]
        for answer in asker.pages(at_least=told.begin, wait_ms=5000, limit=rows,
                                  book_orders=tpx.BookOrdersQuery(instrument=self.instrument)):
            if answer.HasField("refused"):
                raise RuntimeError(tpx.Reason.Name(answer.refused.reason))
            self._take_page(answer)
            kept += self._waiting(feed)
        kept += self._told(feed, max(self.as_of))
        if any(told.is_gap for told in kept[1:]):
            return False
        for told in kept:
            self.take(told)
        return True

    def _take_page(self, answer):
        for row in answer.entry:
            self.orders[row.entry] = [row.side, row.price, row.quantity]
        if answer.entry:
            last = answer.entry[-1]
            self.ends.append(position(last.side, last.price, last.entry))
            self.as_of.append(answer.as_of)
        if not answer.cursor:  # the last page: all that remains
            self.ends.append((tpx.SIDE_SELL + 1,))
            self.as_of.append(answer.as_of)

    def _waiting(self, feed):
        """What has come meanwhile."""
        kept = []
        while len(kept) < FRAMES_WAITING and (told := feed.poll(0)) is not None:
            kept.append(told)
        return [told for told in kept if told.channel == self.channel]

    def _told(self, feed, until):
        """What the channel tells, until it has told everything below `until`."""
        end = time.monotonic() + PATIENCE_S
        kept = []
        while feed.kept[self.channel] < until:
            told = feed.poll(0.1)
            if told is not None and told.channel == self.channel:
                kept.append(told)
            if time.monotonic() > end:
                raise TimeoutError("the feed does not reach the pages")
        return kept

    def take(self, told):
        """Carries out what the feed tells. False at a gap: recover() it."""
        if told is None or told.channel != self.channel:
            return True
        for report in told.reports:
            self._take_event(report)
        return not told.is_gap

    def _counts(self, report, where):
        """Whether it happened after the page that covers this position was made."""
        return report.sequence >= self.as_of[bisect.bisect_left(self.ends, where)]

    def _take_event(self, report):
        body = report.WhichOneof("body")
        event = getattr(report, body)
        if not body.startswith("book_") or event.instrument != self.instrument:
            return
        if body == "book_added":
            if self._counts(report, position(event.side, event.price, event.entry)):
                self.orders[event.entry] = [event.side, event.price, event.quantity]
            return
        order = self.orders.get(event.entry)
        if order is None or not self._counts(report, position(*order[:2], event.entry)):
            return
        if body == "book_reduced":
            order[2] = event.quantity
        elif body == "book_traded" and event.leaves:
            order[2] = event.leaves
        else:
            del self.orders[event.entry]

    def levels(self, side):
        """(price, quantity) of one side, best first."""
        sums = {}
        for of, price, quantity in self.orders.values():
            if of == side:
                sums[price] = sums.get(price, 0) + quantity
        return sorted(sums.items(), reverse=side == tpx.SIDE_BUY)
