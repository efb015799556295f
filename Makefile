# TPX. `make help` lists the targets.
#
# Every source file of a folder goes into that folder's archive; files named *_main.c,
# bench/bench_*.c and tests/*/test_*.c are programs. Adding a file needs no change here.

BUILD   ?= build
CC      ?= gcc
VARIANT ?= release
PREFIX  ?= /usr/local
DESTDIR ?=

ifeq ($(origin CC),default)
CC := gcc
endif

PACKAGES := libzmq lmdb libcrypto libprotobuf-c jansson libconfuse ck libqrencode
DEBS     := build-essential pkg-config libzmq3-dev liblmdb-dev libssl-dev libprotobuf-c-dev \
            protobuf-c-compiler protobuf-compiler libcmocka-dev libck-dev libjansson-dev \
            libconfuse-dev libqrencode-dev python3 python3-zmq python3-protobuf python3-cryptography
DEBS_CHECK := clang clang-format clang-tidy cppcheck libclang-rt-14-dev

# Installs what is missing before pkg-config is asked, so that one command is enough on a bare
# machine. The stamp holds the list: a changed list is looked at again.
DEPS_STAMP := $(BUILD)/.deps
ifeq ($(filter clean help,$(MAKECMDGOALS)),)
ifneq ($(shell mkdir -p $(BUILD); cat $(DEPS_STAMP) 2>/dev/null),$(DEBS))
$(shell bash tests/install_packages.sh $(DEBS) >&2 && printf '%s' '$(DEBS)' >$(DEPS_STAMP))
ifneq ($(.SHELLSTATUS),0)
$(error packages are missing, and could not be installed: see above)
endif
endif
endif

WARN := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wswitch-enum \
        -Wstrict-prototypes -Wmissing-prototypes -Wnull-dereference -Wvla
WERROR ?= $(if $(CI),-Werror)
OPT_release := -O2 -g -fno-plt
OPT_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_tsan    := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
OPT_count   := -O2 -g -DTPX_COUNT_ALLOCATIONS
LD_count    := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc \
               -Wl,--wrap=posix_memalign,--wrap=strdup,--wrap=asprintf
PKG_CFLAGS  := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS    := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)
CFLAGS  ?=
ALL_CFLAGS := -std=gnu17 -D_GNU_SOURCE -I. -I$(BUILD) $(OPT_$(VARIANT)) $(PKG_CFLAGS) -MMD -MP $(CFLAGS)
ALL_LDFLAGS := $(filter -fsanitize=%,$(OPT_$(VARIANT))) $(LD_$(VARIANT)) $(LDFLAGS)
OBJ := $(BUILD)/obj
sources = $(filter-out %_main.c bench/bench_%.c,$(wildcard $(1)/*.c))
objects = $(patsubst %.c,$(OBJ)/%.o,$(call sources,$(1)))

PROTO_C   := $(BUILD)/proto/tpx.pb-c.c
PROTO_H   := $(BUILD)/proto/tpx.pb-c.h
PROTO_OBJ := $(OBJ)/proto/tpx.pb-c.o

LIB_ENGINE  := $(BUILD)/libtpx-engine.a
LIB_PROTO   := $(BUILD)/libtpx-proto.a
LIB_LEDGER  := $(BUILD)/libtpx-ledger.a
LIB_GATEWAY := $(BUILD)/libtpx-gateway.a
LIB_BENCH   := $(BUILD)/libtpx-bench.a
LIB_CLIENT  := $(BUILD)/libtpx.a
LIBS := $(LIB_GATEWAY) $(LIB_LEDGER) $(LIB_PROTO) $(LIB_ENGINE)

MAINS    := $(wildcard gateway/*_main.c)
PROGRAMS := $(patsubst gateway/%_main.c,$(BUILD)/%,$(MAINS))
BENCHES  := $(patsubst bench/bench_%.c,$(BUILD)/bench-%,$(wildcard bench/bench_*.c))
BENCHES  := $(subst _,-,$(BENCHES))
DEMO     := $(BUILD)/tpx-demo
UNITS    := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c tests/property/test_*.c \
              tests/scenario/test_*.c tests/golden/test_*.c))
SYSTEMS  := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/e2e/test_*.c tests/fault/test_*.c))
FIXTURES := $(patsubst %.c,$(OBJ)/%.o,$(filter-out $(wildcard tests/*/test_*.c tests/*/fuzz_*.c \
              tests/*/preload_*.c),$(wildcard tests/*/*.c)))
PRELOADS := $(patsubst tests/%.c,$(BUILD)/tests/%.so,$(wildcard tests/*/preload_*.c))

.PHONY: all programs benches tests help deps run test test-national check sanitize fuzz bench fault install uninstall deb clean count soak \
        format units
.SECONDARY:
.DEFAULT_GOAL := all

all: programs benches ## everything, in build/
programs: $(PROGRAMS) $(LIBS) $(LIB_CLIENT)
benches: $(BENCHES) $(DEMO)
tests: $(UNITS) $(SYSTEMS) $(PRELOADS)
units: $(UNITS)

deps: ## install the Debian packages that are missing
	@bash tests/install_packages.sh $(DEBS) $(DEBS_CHECK)

$(OBJ)/%.o: %.c | $(PROTO_H)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(WARN) $(WERROR) -c -o $@ $<

$(PROTO_C) $(PROTO_H) &: proto/tpx.proto
	@mkdir -p $(BUILD)/proto
	protoc-c --c_out=$(BUILD) proto/tpx.proto

$(PROTO_OBJ): $(PROTO_C)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

define archive
$(1): $(2)
	@mkdir -p $$(@D)
	@rm -f $$@
	$(AR) rcs $$@ $$^
endef
$(eval $(call archive,$(LIB_ENGINE),$(call objects,engine)))
$(eval $(call archive,$(LIB_PROTO),$(call objects,proto) $(PROTO_OBJ)))
$(eval $(call archive,$(LIB_LEDGER),$(call objects,ledger)))
$(eval $(call archive,$(LIB_GATEWAY),$(call objects,gateway)))
$(eval $(call archive,$(LIB_BENCH),$(call objects,bench)))

# For programs of others: what a client needs, joined, with only its own functions to be seen.
CLIENT_API := $(patsubst %,$(OBJ)/gateway/%.o,client query_client feed_client feed_book keyfile reply reason_text)
$(LIB_CLIENT): $(LIBS)
	@{ nm -g --defined-only $(CLIENT_API) | awk '$$2 == "T" {print $$3}'; \
	   echo secret_cleanse; echo failure_set_sink; } >$(OBJ)/libtpx.symbols
	$(CC) -r -nostdlib -o $(OBJ)/libtpx.o $$(sed 's/^/-Wl,-u,/' $(OBJ)/libtpx.symbols) \
	    -Wl,--start-group $^ -Wl,--end-group
	@objcopy --keep-global-symbols=$(OBJ)/libtpx.symbols $(OBJ)/libtpx.o
	@rm -f $@
	$(AR) rcs $@ $(OBJ)/libtpx.o

link = $(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(PKG_LIBS) $(1) -lpthread

$(BUILD)/%: $(OBJ)/gateway/%_main.o $(LIBS)
	$(call link)

define bench_rule
$(BUILD)/bench-$(subst _,-,$(1)): $(OBJ)/bench/bench_$(1).o $(LIB_BENCH) $(LIBS)
	$$(call link)
endef
$(foreach b,$(patsubst bench/bench_%.c,%,$(wildcard bench/bench_*.c)),$(eval $(call bench_rule,$(b))))

$(DEMO): $(OBJ)/bench/demo_main.o $(LIB_BENCH) $(LIBS)
	$(call link)

count: ## build/count/tpxd, a server that aborts where it must not allocate
	@$(MAKE) -s VARIANT=count BUILD=$(BUILD)/count $(BUILD)/count/tpxd

$(BUILD)/tests/%: $(OBJ)/tests/%.o $(FIXTURES) $(LIB_BENCH) $(LIBS)
	@mkdir -p $(@D)
	$(call link,-lcmocka)

$(BUILD)/tests/%.so: tests/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -D_GNU_SOURCE -I. -O2 -fPIC -shared $(WARN) $(WERROR) -o $@ $< -ldl

test: ## check the build, then every test; at most ten minutes on two cores
	@bash tests/run_all.sh

test-national: ## every test under the national algorithms, SM3 and SM2
	@bash tests/run_all.sh national

check: ## include directions, imports, floats, formatting, clang-tidy, cppcheck
	@bash tests/install_packages.sh $(DEBS_CHECK)
	@bash tests/check.sh all

sanitize: ## unit and property tests under ASan+UBSan, end-to-end load under TSan
	@bash tests/sanitize.sh

SECONDS ?= 30
fuzz: ## libFuzzer targets, each SECONDS=30; TARGETS="fuzz_config fuzz_command" for some
	@bash tests/install_packages.sh $(DEBS_CHECK)
	@SECONDS_EACH=$(SECONDS) TARGETS="$(TARGETS)" bash tests/fuzz/run.sh

fault: ## the long fault campaign: 200 kills, 50,000 flipped bits
	@KILLS=200 FLIPS=50000 bash tests/run_all.sh fault

bench: all ## every benchmark at a bounded size
	@bash bench/run.sh

soak: all ## a long run with every follower: memory and p99 must not grow; SECONDS=120 RATE=110000
	@TPX_BUILD="$(BUILD)" $(BUILD)/bench-soak --seconds "$(or $(SECONDS),120)" --rate "$(or $(RATE),110000)"

run: ## a demo exchange with brokers that play; ONCE=1 ends after the session
	@echo 'building into $(BUILD)/ ...'
	@$(MAKE) -s -j$$(nproc) programs $(DEMO)
	@BUILD="$(BUILD)" bash gateway/demo.sh $(if $(ONCE),--once)

install: programs ## programs, libtpx, schema and systemd units; PREFIX=/usr/local DESTDIR=
	@bash gateway/install.sh "$(BUILD)" "$(DESTDIR)" "$(PREFIX)"

uninstall: ## what `make install` has installed, away again; exchanges stay
	@bash gateway/install.sh --remove "$(BUILD)" "$(DESTDIR)" "$(PREFIX)"

deb: programs ## Debian packages in build/deb: tpx, libtpx-dev
	@bash gateway/deb.sh "$(BUILD)"

format: ## lay every source out with clang-format
	@clang-format -i $$(git ls-files '*.c' '*.h')

clean: ## remove build/
	rm -rf $(BUILD)

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)
