/*
 * Another language reads what we write, with nothing but tpx.proto: Python, through the module that
 * protoc makes for it, a record with the request and the report in it; and writes a request that we
 * read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/codec_request.h"
#include "tests/property/record_shelf.h"

/* Run in the folder that holds tpx_pb2.py and `record`; writes `request`. */
static const char script[] =
    "import sys; sys.path.insert(0, 'proto')\n"
    "import tpx_pb2 as tpx\n"
    "record = tpx.Record.FromString(open('record', 'rb').read())\n"
    "assert record.SerializeToString(deterministic=True) == open('record', 'rb').read()\n"
    "head = record.header\n"
    "assert head.sequence == 1000 and head.time == 1700000000000000001, head\n"
    "assert head.salt == bytes(range(16)) and head.session == 7 and head.number == 12, head\n"
    "request = tpx.Request.FromString(record.request)\n"
    "assert request.number == 12 and request.WhichOneof('body') == 'new_order', request\n"
    "assert request.new_order.price == 1005 and request.new_order.text == '\\u6280\\u672f'\n"
    "assert len(record.event) == 1 and record.event[0].audience == tpx.AUDIENCE_SESSION\n"
    "report = tpx.Report.FromString(record.event[0].message)\n"
    "assert report.sequence == 1000 and report.place == 0, report\n"
    "assert report.execution.exec_type == tpx.EXEC_TYPE_NEW, report\n"
    "assert report.execution.cl_ord_id == 12 and report.execution.order_qty == 200, report\n"
    "assert report.execution.text == '\\u6280\\u672f', report\n"
    "answer = tpx.Request(number=13)\n"
    "answer.act.deposit.account = 4\n"
    "answer.act.deposit.amount = -5000000000\n"
    "open('request', 'wb').write(answer.SerializeToString())\n";

#define FOLDER_TEMPLATE "/tmp/tpx-python-XXXXXX"

/* One new order and its acceptance, as the ledger holds them. */
static void write_record(struct record_shelf *shelf) {
    static struct record_writer writer;
    struct request request = {.command = {.verb = VERB_NEW_ORDER,
                                          .stamp = {.sequence = 1000,
                                                    .time_ns = 1700000000000000001,
                                                    .session = 7,
                                                    .number = 12}}};
    request.command.new_order = (struct new_order){.account = 1,
                                                   .instrument = 3,
                                                   .price_fen = 1005,
                                                   .order_qty = 200,
                                                   .side = SIDE_BUY,
                                                   .ord_type = ORD_TYPE_LIMIT,
                                                   .time_in_force = TIME_IN_FORCE_DAY,
                                                   .text_bytes = 6,
                                                   .text = "技术"};
    struct record_header header = {
        .sequence = 1000, .time_ns = 1700000000000000001, .session = 7, .number = 12};
    struct event event = {.kind = EVENT_NEW,
                          .audience = AUDIENCE_SESSION,
                          .to = 7,
                          .order_id = order_id_of(7, 12),
                          .quantity = 200,
                          .leaves = 200};
    uint8_t bytes[256];
    size_t size = codec_request_encode(&request, NULL, bytes, sizeof bytes);
    for (unsigned i = 0; i < SALT_BYTES; i++) {
        header.salt[i] = (uint8_t)i;
    }
    record_begin(&writer, &shelf->output, &header, &request.command, (struct span){bytes, size});
    record_event(&writer, &event);
    uint32_t records = record_end(&writer);
    assert_int_equal(records, 1);
}

static void put_file(const char *folder, const char *name, const void *bytes, size_t size) {
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static size_t get_file(const char *folder, const char *name, uint8_t bytes[256]) {
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, 256, file);
    assert_int_equal(fclose(file), 0);
    return size;
}

static void run(const char *format, const char *folder) {
    char command[256];
    (void)snprintf(command, sizeof command, format, folder);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): constant but for a folder */
}

static void python_reads_and_writes_what_we_do(void **state) {
    (void)state;
    char folder[] = FOLDER_TEMPLATE;
    uint8_t bytes[256];
    struct record_shelf shelf;
    struct request request;
    struct codec_fault fault;
    assert_non_null(mkdtemp(folder));
    record_shelf_init(&shelf);
    write_record(&shelf);
    put_file(folder, "record", shelf.records[0].bytes, shelf.records[0].size);
    put_file(folder, "script.py", script, sizeof script - 1);
    record_shelf_fini(&shelf);
    run("protoc --python_out=%s proto/tpx.proto", folder);
    run("cd %s && /usr/bin/python3 script.py", folder);
    size_t size = get_file(folder, "request", bytes);
    assert_true(codec_request_decode(bytes, size, &request, &fault));
    assert_int_equal(request.command.stamp.number, 13);
    assert_int_equal(request.command.act.kind, ACT_DEPOSIT);
    assert_int_equal(request.command.act.deposit.account, 4);
    assert_true(request.command.act.deposit.amount == -5000000000);
    run("rm -r %s", folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(python_reads_and_writes_what_we_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
