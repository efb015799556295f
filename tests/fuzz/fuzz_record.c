/* Whatever stands where a record should: read or refused, its events walked to the end. */
#include <assert.h>

#include "ledger/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct record record;
    if (!record_read(data, size, &record))
        return 0;
    struct span rest = record.events;
    struct record_event_view view;
    while (record_event_next(&rest, &view)) {
        assert(view.report.bytes >= data && view.report.bytes + view.report.size <= data + size);
    }
    return 0;
}
