"""A client of TPX in Python.

Nothing of the exchange is used but tpx.proto (through the module that protoc makes of it) and what
proto/README.md says. One object is one session's connection:

    client = Client(endpoint, server_key, (public_key, secret_key), session=3, cursor=0)
    client.log_on()                       # after this everything that was missed has been reported
    number = client.send(order(account=1, instrument=1, side=tpx.SIDE_BUY, price=1005, qty=200))
    reports = client.answers(number)      # durable: they are never taken back

`client.reports` lists every report in the order of the ledger, each once; `client.cursor` is to be
stored with what was made of them, and given to the next Client.

With drop_copy=True and session 0 it listens for the key's whole participant and sends nothing:
`client.whose` then names the session of each report, 0 for what is the participant's own.
"""

import time

import zmq
from zmq.utils.monitor import recv_monitor_message

from proto import tpx_pb2 as tpx

PROTOCOL = 1
PATIENCE_S = 30
HEARTBEATS_MISSED = 3
MONITOR_S = 1  # a connection that is gone has been told of by then


class KeyRefused(Exception):
    """The exchange does not know the key."""


class LoggedOff(Exception):
    """The exchange has ended the session's connection, or refused the Logon."""

    def __init__(self, logged_off):
        super().__init__(f"{tpx.Reason.Name(logged_off.reason)}: {logged_off.text}")
        self.reason = logged_off.reason


class Lost(Exception):
    """The connection is gone: log_on() again."""


def order(account, instrument, side, price, qty, tif=tpx.TIME_IN_FORCE_DAY):
    """A limit order, as the body of a request."""
    return dict(new_order=tpx.NewOrder(
        account=account, instrument=instrument, side=side, ord_type=tpx.ORD_TYPE_LIMIT,
        time_in_force=tif, price=price, order_qty=qty))


def answered(report):
    """The number of the request that a report answers, 0 when nobody asked."""
    body = report.WhichOneof("body")
    return getattr(getattr(report, body), "cl_ord_id", 0) if body else 0


class Client:
    def __init__(self, endpoint, server_key, key, session, cursor=0, drop_copy=False):
        self.endpoint, self.server_key, self.key = endpoint, server_key, key
        self.session, self.drop_copy = session, drop_copy
        self.cursor = cursor      # everything below this ledger sequence has been seen
        self.last_number = 0      # highest used
        self.reports = []         # (Report, its bytes) in order of the ledger
        self.whose = []           # the session of each of them
        self.repeats = []         # likewise, recorded answers to repeated requests
        self.refused = {}         # number: Refused
        self.sent = {}            # number: request bytes without an answer yet
        self.logged_on = None
        self.is_live = False
        self.gaps = 0
        self.loses_next = False   # for a test: the next live frame is lost on the way
        self.context = zmq.Context()
        self.socket = self.monitor = None

    # ------------------------------------------------------------------------------ connection

    def _dial(self):
        self.hang_up()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        # libzmq must not dial again by itself: on a new connection the Logon comes first.
        self.socket.reconnect_ivl = -1
        self.socket.curve_serverkey = self.server_key.encode()
        self.socket.curve_publickey, self.socket.curve_secretkey = (k.encode() for k in self.key)
        self.monitor = self.socket.get_monitor_socket(
            zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
            | zmq.EVENT_DISCONNECTED | zmq.EVENT_CLOSED)
        self.socket.connect(self.endpoint)

    def hang_up(self):
        if self.socket is not None:
            self.socket.disable_monitor()
            self.socket.close(0)
        self.socket = self.monitor = None
        self.is_live = False

    def close(self):
        self.hang_up()
        self.context.term()

    def _look_at_monitor(self, seconds=0):
        while self.monitor.poll(int(seconds * 1000)):
            if recv_monitor_message(self.monitor)["event"] == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                raise KeyRefused()
            raise Lost()

    def _send_frame(self, requests):
        try:
            self.socket.send(tpx.ClientFrame(request=requests).SerializeToString(), zmq.NOBLOCK)
        except zmq.Again:  # there is no connection, or it is full: the monitor knows
            self._look_at_monitor(MONITOR_S)
            raise Lost() from None
        self.sent_at = time.monotonic()

    def _send_own(self, **body):
        self._send_frame([tpx.Request(**body).SerializeToString()])

    # ----------------------------------------------------------------------------------- frames

    def poll(self, seconds):
        """Takes one frame, if one comes in time, and keeps the connection alive. Returns it."""
        self._look_at_monitor()
        if not self.socket.poll(int(seconds * 1000)):
            self._look_at_monitor()
            self._stay_alive()
            return None
        frame = tpx.ReplyFrame.FromString(self.socket.recv())
        self.heard_at = time.monotonic()
        self._stay_alive()
        if self.loses_next and frame.event and getattr(frame, "from") != frame.next:
            self.loses_next = False
            return None
        self._take(frame)
        return frame

    def _stay_alive(self):
        if self.logged_on is None:
            return
        heartbeat_s = self.logged_on.heartbeat_ms / 1000
        if time.monotonic() - self.sent_at > heartbeat_s / 2:
            self._send_own(heartbeat=tpx.Heartbeat())
        if time.monotonic() - self.heard_at > heartbeat_s * HEARTBEATS_MISSED:
            raise Lost()

    def _take(self, frame):
        begin = getattr(frame, "from")  # a word of Python's
        for refused in frame.refused:
            self.refused[refused.number] = refused
            self.sent.pop(refused.number, None)
        if frame.HasField("logged_off"):
            raise LoggedOff(frame.logged_off)
        if begin == frame.next:
            for event in frame.event:  # beside the order: the answer to a repeat
                self._answer(event, self.repeats)
            return
        if begin > self.cursor:
            if self.is_live:
                self.gaps += 1
                self._ask_page()
            return
        whose = frame.session if self.drop_copy else [self.session] * len(frame.event)
        for event, session in zip(frame.event, whose, strict=True):
            if tpx.Report.FromString(event).sequence >= self.cursor:
                self.whose.append(session)
                self._answer(event, self.reports)
        self.cursor = max(self.cursor, frame.next)
        if frame.is_page and not frame.is_live:
            self._ask_page()
        elif frame.is_live:
            if self.is_live and self.sent:  # we lagged: the gateway's own answers were lost
                self._send_frame(list(self.sent.values()))
            self.is_live = True

    def _answer(self, event, where):
        report = tpx.Report.FromString(event)
        where.append((report, event))
        if not self.drop_copy:
            self.sent.pop(answered(report), None)

    def _ask_page(self):
        self.is_live = False
        self._send_own(resume=tpx.Resume(next=self.cursor))

    def wait(self, is_done, what):
        end = time.monotonic() + PATIENCE_S
        while not is_done():
            if time.monotonic() > end:
                raise TimeoutError(what)
            self.poll(0.1)

    # --------------------------------------------------------------------------------- requests

    def log_on(self):
        """Connects, logs on, and fetches what was missed. Requests that have no answer yet are
        sent again under their numbers: the exchange answers each exactly once."""
        self._dial()
        self.logged_on = None
        self.sent_at = self.heard_at = time.monotonic()
        self._send_own(logon=tpx.Logon(session=self.session, next=self.cursor, protocol=PROTOCOL,
                                       drop_copy=self.drop_copy))
        end = time.monotonic() + PATIENCE_S
        while self.logged_on is None:
            if time.monotonic() > end:
                raise TimeoutError("no LoggedOn")
            frame = self.poll(0.1)
            if frame is not None and frame.HasField("logged_on"):
                self.logged_on = frame.logged_on
        self.last_number = max(self.last_number, self.logged_on.last_number)
        self.is_live = self.logged_on.is_live
        if not self.is_live:
            self._ask_page()
        self.wait(lambda: self.is_live, "the end of what was missed")
        if self.sent:
            self._send_frame(list(self.sent.values()))

    def log_off(self):
        self._send_own(logoff=tpx.Logoff())
        try:
            self.wait(lambda: False, "LoggedOff")
        except LoggedOff as end:
            return end.reason

    def encode(self, number=0, **body):
        """A request with the next number, or with this one. Returns number and bytes."""
        number = number or self.last_number + 1
        self.last_number = max(self.last_number, number)
        return number, tpx.Request(number=number, **body).SerializeToString()

    def send(self, body, number=0):
        """Sends one request. Returns its number."""
        number, encoded = self.encode(number, **body)
        self.send_encoded(number, encoded)
        return number

    def send_encoded(self, number, encoded):
        self.sent[number] = encoded
        self._send_frame([encoded])

    def send_many(self, bodies):
        """Sends up to 1,024 requests in one frame. Returns their numbers."""
        numbers = []
        for body in bodies:
            number, self.sent[number] = (pair := self.encode(**body))[0], pair[1]
            numbers.append(number)
        self._send_frame([self.sent[number] for number in numbers])
        return numbers

    def answers(self, number):
        """Waits for the answer to a request: its reports, in order. Raises when it is refused."""
        self.wait(lambda: number not in self.sent, f"an answer to request {number}")
        return [report for report, _ in self.reports + self.repeats if answered(report) == number]

    def order_id(self, number):
        return self.session << 40 | number
