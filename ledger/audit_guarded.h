/*
 * An audit in a child (ledger/guard.h), for files that may be damaged so that reading them crashes.
 *
 * Threads: the caller should be the only one of its process, as for any guarded work.
 */
#ifndef LEDGER_AUDIT_GUARDED_H
#define LEDGER_AUDIT_GUARDED_H

#include "ledger/audit.h"

/* As audit_run(), with the verdict AUDIT_CRASH when the child died: report->volume is then the one
 * that it read. `progress` is called in the caller's process. */
int audit_guarded(const struct audit_options *options, struct audit_report *report);

#endif
