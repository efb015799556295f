#include "ledger/finding.h"

#include <stdarg.h>
#include <stdio.h>

const char *finding_name(enum finding_kind kind) {
    static const char *const names[] = {
        [FINDING_NONE] = "none",         [FINDING_RECORD] = "record",
        [FINDING_ORDER] = "order",       [FINDING_REQUEST] = "request",
        [FINDING_CONTRACT] = "contract", [FINDING_EVENTS] = "events",
        [FINDING_SEAL] = "seal",         [FINDING_DIGEST] = "digest",
        [FINDING_TREE] = "tree",         [FINDING_CHECKPOINT] = "checkpoint",
        [FINDING_STORE] = "store",       [FINDING_CRASH] = "crash",
        [FINDING_END] = "end",           [FINDING_SIGNATURE] = "signature",
    };
    return names[kind];
}

bool finding_set(struct finding *finding, enum finding_kind kind, uint64_t sequence,
                 const char *format, ...) {
    va_list arguments;
    *finding = (struct finding){.kind = kind, .sequence = sequence};
    va_start(arguments, format);
    (void)vsnprintf(finding->text, sizeof finding->text, format, arguments);
    va_end(arguments);
    return false;
}
