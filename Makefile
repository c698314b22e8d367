# evsim. `make help` lists the targets. One build folder per variant; sources are found, not listed.

VARIANT  ?= release
V        ?= 0
PREFIX   ?= /usr/local
SHARED   := $(or $(EVSIM_SHARED),../shared)
CC       ?= cc
B        := build/$(VARIANT)
# 0.2.0, and in a checkout the commit behind it: 0.2.0+fcdb335, .dirty where something is not committed.
VERSION  := $(file <.release/version)
COMMIT   := $(if $(wildcard .git),$(shell git describe --always --dirty=.dirty --exclude '*' 2>/dev/null))
RELEASED := $(shell sed -n 's/^\#\# $(VERSION) - //p' .release/CHANGELOG.md)
VERSION  := $(VERSION)$(COMMIT:%=+%)

# Debian packages: to build and run, and besides to test. Where there is none of a name with a ?, it is done without.
PACKAGES := gcc make libc6-dev libgsl-dev libcsv-dev libzstd-dev zlib1g-dev liblzma-dev libarchive-dev libpcap-dev libjansson-dev libxxhash-dev libmd-dev libhiredis-dev libsqlite3-dev liblzf-dev liblua5.1-0-dev \
            gnuplot-nox fonts-dejavu-core
TESTING  := zstd libcmocka-dev redis-tools clang-format-14? fish? groff? mandoc? zsh?

SANITIZE := -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all
OPT_asan := $(SANITIZE) -fsanitize=address -DEVSIM_CONTRACTS=1
OPT_ubsan := $(SANITIZE) -fsanitize=undefined -DEVSIM_CONTRACTS=1
OPT_tsan := $(SANITIZE) -fsanitize=thread
OPT_cover := -O0 --coverage -fprofile-update=atomic
OPT_debug := -O1 -DEVSIM_CONTRACTS=2
OPT_analyze := -O1 -fanalyzer -Wno-analyzer-possible-null-argument -Wno-analyzer-possible-null-dereference \
    -Wno-analyzer-malloc-leak -Wno-analyzer-file-leak -Wno-format-truncation
OPT_scan := -O0
OPT_fuzz := $(SANITIZE) -fsanitize=address,undefined,fuzzer-no-link -DEVSIM_CONTRACTS=2
OPT      := $(or $(OPT_$(VARIANT)),-O3)

CPPFLAGS := -I. -D_GNU_SOURCE -DGSL_RANGE_CHECK_OFF
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion -Wvla -Wswitch-enum
# No fused multiplications: their results are others than those of machines without (sim/elementary.h).
CFLAGS   := -std=gnu11 -g $(OPT) -ffp-contract=off -pthread $(WARNINGS)
LDFLAGS  := -pthread $(OPT)
LDLIBS   := -lgsl -lgslcblas -lcsv -lzstd -lz -llzma -larchive -lpcap -ljansson -lxxhash -lmd -lhiredis -lsqlite3 -llzf -llua5.1 -lm

PRELOAD  := sim/live/virtual_time.c
ALONE    := sim/main.c sim/host_malloc.c sim/host_exit.c
SOURCES  := $(filter-out $(ALONE) $(PRELOAD),$(wildcard sim/*.c sim/*/*.c sim/*/*/*.c traces/*.c traces/*/*.c policies/*.c reports/*.c))
OBJECTS  := $(SOURCES:%.c=$(B)/%.o)
PAGE     := $(patsubst %,$(B)/%.o,$(wildcard reports/html/*.css reports/html/*.js))
TESTS    := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/test_*.c tests/laws_*.c tests/model_*.c))
SUPPORT  := $(patsubst %.c,$(B)/%.o,$(wildcard tests/support*.c tests/*/support*.c))
FIDELITY := $(addprefix $(B)/tests/fidelity/,recorded_servers live_server random_streams record_server recorded_memory)
comma    := ,
blank    :=
space    := $(blank) $(blank)
CAMPAIGN := $(B)/tests/faults/campaign $(B)/tests/faults/fail_malloc.so
VIRTUAL  := $(PRELOAD:%.c=$(B)/%.so)
FUZZERS  := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ     := $(patsubst %.c,$(B)/%.o,$(wildcard tests/fuzz/*.c))
PLUGINS  := $(patsubst %.c,$(B)/%.so,$(wildcard tests/plugins/*.c))
# What an object was built with, when that changes anything in it: ccache does not, nor that a warning is an error.
FLAGS    := $(filter-out ccache,$(CC)) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)
COMPILE   = $(CC) $(CPPFLAGS) $(if $(WERROR),-Werror)

Q        := $(if $(filter 0,$(V)),@)
say       = $(if $(filter 0,$(V)),@printf '%-5s %s\n' $(1) $(2))

all: $(B)/evsim ## build build/release/evsim (the default)

# Policies in shared objects use what is in the archive: all of it, and by name.
$(B)/evsim: $(ALONE:%.c=$(B)/%.o) $(B)/version.o $(B)/evsim.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -rdynamic -o $@ $^ $(LDLIBS)

$(B)/evsim.a: $(OBJECTS) $(PAGE)
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/%.o: %.c $(B)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) $(CFLAGS) -MMD -MP -c -o $@ $<

# A test runs once and is compiled each time: what it tests is as users have it, it itself need not be fast.
$(TESTS:=.o) $(SUPPORT): CFLAGS += $(if $(OPT_$(VARIANT)),,-O1 -g0)
# Nor is it debugged: what a debugger wants is two gigabytes in 200 programs. VARIANT=debug and the sanitizers keep it.
$(TESTS): LDFLAGS += $(if $(OPT_$(VARIANT)),,-Wl,-S)

$(B)/tests/%: $(B)/tests/%.o $(SUPPORT) $(B)/evsim.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -rdynamic -o $@ $(filter %.o,$^) $(B)/evsim.a $(LDLIBS) -lcmocka

$(B)/tests/test_fuzz_corpus: $(FUZZ)

$(FUZZERS): $(B)/tests/fuzz/fuzz_%: $(FUZZ) $(B)/evsim.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -Wl,--defsym=LLVMFuzzerTestOneInput=fuzz_$* -o $@ $^ $(LDLIBS)

# Texts of pages, as arrays of the program: reports/html/page.css is html_page_css.
$(PAGE): $(B)/%.o: % $(B)/flags
	$(call say,TEXT,$<)
	$(Q)mkdir -p $(@D)
	$(Q){ echo 'extern const unsigned char html_$(subst .,_,$(notdir $<))[];'; \
	    echo 'const unsigned char html_$(subst .,_,$(notdir $<))[] = {'; \
	    od -An -v -tx1 $< | sed 's/ \(..\)/0x\1,/g'; echo '0};'; } | $(filter-out ccache,$(CC)) $(CFLAGS) -x c -c -o $@ -

# Loaded into a real server, or by a user's evsim: never sanitized.
$(B)/%.so: %.c $(B)/flags
	$(call say,SO,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -std=gnu11 -g -O2 -fPIC -shared $(WARNINGS) -MMD -MP -MF $@.d -o $@ $< -ldl

# Of its own, so that a commit does not compile anything.
$(B)/version.o: $(B)/version
	$(Q)printf 'extern const char %s[]; const char %s[] = "%s";\n' evsim_version evsim_version '$(VERSION)' \
	    evsim_released evsim_released '$(RELEASED)' | $(CC) $(CFLAGS) -x c -c -o $@ -

# Rewritten only when they change, so that objects depend on what they were built with.
$(B)/flags $(B)/version: always
	@mkdir -p $(@D); echo '$(if $(findstring flags,$@),$(FLAGS),$(VERSION) $(RELEASED))' | cmp -s - $@ || \
	    echo '$(if $(findstring flags,$@),$(FLAGS),$(VERSION) $(RELEASED))' > $@

demo: ## install what is missing, build, replay the bundled sample, draw the figures
	@sh tests/deps.sh $(PACKAGES)
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@sh tests/demo.sh $(B)/evsim

test: ## install what is missing, build and run every test
	@sh tests/deps.sh $(PACKAGES) $(TESTING)
	@$(MAKE) --no-print-directory -j$$(nproc) check WERROR=1

check: heads format-check layers all tests ## run the tests on what is installed
	@sh tests/run.sh $(B)

tests: $(TESTS) $(VIRTUAL) $(PLUGINS) $(CAMPAIGN) $(FUZZ) $(FIDELITY:=.o)

.SECONDARY:

asan: ## the tests under the address sanitizer (leaks included)
	@EVSIM_FIDELITY_SEEDS=4 $(MAKE) --no-print-directory check VARIANT=asan

ubsan: ## the tests under the undefined-behaviour sanitizer
	@EVSIM_FIDELITY_SEEDS=4 $(MAKE) --no-print-directory check VARIANT=ubsan

tsan: ## the tests under the thread sanitizer
	@EVSIM_FIDELITY_SEEDS=4 $(MAKE) --no-print-directory check VARIANT=tsan

valgrind: all tests ## the quick tests and some command lines under valgrind
	@sh tests/deps.sh valgrind
	@sh tests/valgrind.sh $(B)

cover: ## run the tests and say how much of each folder they execute
	@sh tests/deps.sh gcovr
	@EVSIM_FIDELITY_SEEDS=4 $(MAKE) --no-print-directory check VARIANT=cover
	@sh tests/cover.sh build/cover

fuzz: ## any bytes into the reader of each format, of redis.conf, scenarios, sizes: TIME=60 seconds each, FORMATS="pcap rdb" only these
	@sh tests/deps.sh clang libclang-rt-dev?
	@$(MAKE) --no-print-directory fuzzers VARIANT=fuzz CC="$(filter ccache,$(CC)) clang" WARNINGS=
	@sh tests/fuzz.sh build/fuzz $(or $(TIME),60) $(FORMATS)

fuzzers: $(FUZZERS)

faults: all $(CAMPAIGN) $(PLUGINS) ## every command while memory, system calls, readers or luck run out: FULL=1 at all places, PLACES=150 at so many, FAULTS="memory kill" COMMANDS="run mrc-o"
	@EVSIM=$(B)/evsim EVSIM_PLUGINS=$(B)/tests/plugins $(firstword $(CAMPAIGN)) $(if $(FULL),--full,$(PLACES:%=--places %)) \
	    $(if $(FAULTS),--faults $(subst $(space),$(comma),$(FAULTS))) $(if $(COMMANDS),--commands $(subst $(space),$(comma),$(COMMANDS)))

determinism: all ## the same bytes from gcc and clang, -O0 and -O3, with FMA and without, x86-64 and arm64, any locale ...: WAYS="clang-O0 arm64" only these
	@sh tests/deps.sh clang libc-l10n locales qemu-user? gcc-aarch64-linux-gnu?
	@sh tests/determinism.sh $(B)/evsim "$(filter lib% zlib%,$(PACKAGES))" $(WAYS)

tidy: ## clang-tidy and cppcheck over the product: FILES="sim/stop.c" only these
	@sh tests/deps.sh clang-tidy cppcheck
	@sh tests/tidy.sh $(FILES)

# Each says all that it finds: what is no fault is suppressed, with a reason, here or where it is. host_malloc.c: nothing is
# NULL for want of memory. Leaks are told by make asan: gcc 12 loses sight of memory that a struct of a caller's holds.
analyze: ## gcc -fanalyzer over the product: FILES="sim/input sim/stop.c" only these
	@$(MAKE) --no-print-directory -k objects VARIANT=analyze CC="$(filter ccache,$(CC)) gcc" WERROR=1

scan: ## clang's scan-build over the product: FILES="sim/input sim/stop.c" only these
	@sh tests/deps.sh clang-tools clang
	@scan-build --status-bugs -o build/scan/findings -disable-checker unix.Malloc \
	    $(MAKE) --no-print-directory objects VARIANT=scan WARNINGS=

objects: $(filter $(or $(patsubst %,$(B)/%%,$(FILES:.c=.o)),%),$(OBJECTS))

# Recordings in folders: of memory, and of runs where there are any. What record-server writes is looked at, too.
define hold
status=$${status:-0}; for folder in $(1); do \
	    [ -d $$folder ] || continue; \
	    $(B)/tests/fidelity/recorded_memory $$folder $(MODEL) || status=$$?; \
	    if [ -e $$folder/servers.jsonl ]; then $< $$folder $(or $(SEEDS),20) $(MODEL) || status=$$?; \
	    else echo "$$folder: no runs recorded (servers.jsonl): evictions and refusals of its servers are skipped"; fi; done
endef

fidelity: $(FIDELITY) $(VIRTUAL) $(B)/tests/test_shards_live ## compare with real servers: the recorded ones, and REDIS_SERVER live; GOLDEN=DIR: with what record-server has recorded
ifdef GOLDEN
	@[ -d $(GOLDEN) ] || { echo "$(GOLDEN): no such folder; make record-server GOLDEN=$(GOLDEN) makes one" >&2; exit 2; }
	@$(call hold,$(GOLDEN)); exit $$status
else
	@status=0; $< $(SHARED) 20 || status=$$?; \
	$(call hold,tests/data/golden* build/golden $(SHARED)/golden-*); \
	$(B)/tests/fidelity/live_server $(if $(RUNS),--runs $(RUNS)) $(if $(SEEDS),--seeds $(SEEDS)) \
	    $(if $(SEED),--seed $(SEED)) $(if $(EVENTS),--events $(EVENTS)) $(if $(CHANGES),--changes) \
	    $(if $(REDIS_SERVER),--server-binary $(REDIS_SERVER)) $(if $(MODEL),--model $(MODEL)) \
	    || status=$$?; \
	EVSIM_SHARED=$(SHARED) $(B)/tests/test_shards_live || status=$$?; exit $$status
endif

# Two traces are played besides: those of the shared folder, or else the bundled sample, as a cache and as a store.
GOLDEN_OF := $(or $(GOLDEN),build/golden)
record-server: $(B)/tests/fidelity/record_server $(VIRTUAL) ## record a server, to hold a model against: REDIS_SERVER=/path NAME=redis-8.6.0 GOLDEN=build/golden PARTS= RUNS=4
	@mkdir -p $(GOLDEN_OF)
	@sizes=8mb,12mb; for trace in d1 d2; do \
	    if [ -e $(GOLDEN_OF)/$$trace.csv.zst ]; then cmp -s $(GOLDEN_OF)/$$trace.csv.zst tests/data/sample.csv.zst && sizes=2mb; \
	    elif [ -e $(SHARED)/golden/$$trace.csv.zst ]; then cp $(SHARED)/golden/$$trace.csv.zst $(GOLDEN_OF)/; \
	    else cp tests/data/sample.csv.zst $(GOLDEN_OF)/$$trace.csv.zst; sizes=2mb; fi; done; \
	$< $(if $(REDIS_SERVER),--server $(REDIS_SERVER)) $(if $(NAME),--name $(NAME)) --output $(GOLDEN_OF) --maxmemory $$sizes \
	    $(if $(RUNS),--runs $(RUNS)) $(if $(PARTS),--parts $(PARTS)) $(if $(POLICIES),--policies $(POLICIES))

streams: $(B)/tests/fidelity/random_streams $(VIRTUAL) ## random commands in REDIS_SERVER and in the model: STREAMS=10000 SEED=7 TYPES=sh
	@$< --streams $(or $(STREAMS),10000) $(if $(SEED),--seed $(SEED)) $(if $(TYPES),--types $(TYPES)) \
	    $(if $(REDIS_SERVER),--server-binary $(REDIS_SERVER)) $(if $(MODEL),--model $(MODEL))

proof: $(B)/tests/fidelity/live_server $(VIRTUAL) ## captures under pressure, in REDIS_SERVER and in the model: CAPTURES="a.monitor b.gz" SHARE=0.4 STRETCH=1
	@$< --share $(or $(SHARE),0.4) --stretch $(or $(STRETCH),1) $(if $(RUNS),--runs $(RUNS)) $(if $(SEEDS),--seeds $(SEEDS)) \
	    $(if $(SEED),--seed $(SEED)) $(if $(REDIS_SERVER),--server-binary $(REDIS_SERVER)) $(if $(MODEL),--model $(MODEL)) \
	    $(or $(CAPTURES),$(wildcard tests/data/applications/*.monitor.zst))

APPLICATIONS := build/applications
applications: ## captures of what client libraries do (npm, a redis-server): SECONDS=10 SEED=1 NAMES="sessions"
	@command -v npm >/dev/null || sh tests/deps.sh nodejs npm
	@mkdir -p $(APPLICATIONS) && cp tests/applications/*.js tests/applications/*.json $(APPLICATIONS)
	@cd $(APPLICATIONS) && npm ci --ignore-scripts --omit=optional --no-audit --no-fund
	@cd $(APPLICATIONS) && REDIS_SERVER="$(or $(REDIS_SERVER),$(shell command -v redis-server || command -v redis-check-rdb))" \
	    node capture.js --seconds $(or $(SECONDS),10) --seed $(or $(SEED),1) $(NAMES)

browser: all ## look at report.html in a headless Chromium: PICTURES=DIR keeps screenshots and a PDF
	@sh tests/deps.sh nodejs chromium poppler-utils
	@node tests/browser/report.js $(B)/evsim "$$(command -v chromium)" $(PICTURES)

slurm: all ## a Slurm of one node runs sim/cluster/slurm.sh: an array, a task killed, one put back (root, slurm-wlm, munge; two minutes)
	@sh tests/cluster/slurm.sh $(B)/evsim || [ $$? = 77 ]

job-schema: ## is sim/cluster/kubernetes.yaml what Kubernetes' published schema allows: NODE_PATH=where npm has put kubernetes-models and yaml
	@command -v node >/dev/null || { echo 'skipped: no node: apt-get install nodejs'; exit; }; \
	    node tests/cluster/kubernetes.js sim/cluster/kubernetes.yaml || [ $$? = 77 ]

bench: all $(B)/tests/bench/memory_speed ## replay rates of this machine, and how they grow: build/bench/growth.svg
	@sh tests/bench.sh $(B)/evsim

gallery: all ## draw the figures that the READMEs show
	@sh tests/gallery.sh $(B)/evsim

samples: all ## draw how near maxmemory-samples comes to exact lru
	@sh tests/samples.sh $(B)/evsim

heads: ## check that every file begins as the others do
	@sh tests/heads.sh

layers: $(OBJECTS) $(B)/sim/main.o ## prove that includes and calls point one way, and in no circles
	@sh tests/layers.sh $(B)

format-check: ## check that every file is as clang-format 14 has it
	@sh tests/format.sh

format: ## format every file, in place
	@sh tests/deps.sh clang-format-14?
	@sh tests/format.sh -i

deps: ## install missing Debian packages, or name them on another system
	@sh tests/deps.sh $(PACKAGES) $(TESTING)

# What is installed below PREFIX; a page for each subcommand, whatever it is called.
SUBCOMMANDS := $(subst _,-,$(shell sed -n 's/^ *X(\([a-z_]*\)).*/\1/p' sim/cli/registry.c))
PAGES     := evsim.1 $(SUBCOMMANDS:%=evsim-%.1)
HEADERS   := sim/policy.h sim/policy_plugin.h sim/error.h policies/queue.h
ZSH       ?= share/zsh/site-functions
INSTALLED  = bin/evsim $(HEADERS:%=include/evsim/%) $(PAGES:%=share/man/man1/%) \
             share/bash-completion/completions/evsim share/fish/vendor_completions.d/evsim.fish $(ZSH)/_evsim \
             share/doc/evsim/README.md share/doc/evsim/CHANGELOG.md share/doc/evsim/examples/sample.csv.zst
TO         = $(DESTDIR)$(PREFIX)

$(B)/man: $(B)/evsim
	$(Q)rm -rf $@ && $(B)/evsim man --output $@

$(B)/completion: $(B)/evsim
	$(Q)rm -rf $@ && mkdir $@ && for shell in bash fish zsh; do $(B)/evsim completion $$shell > $@/$$shell || exit 1; done

install: all $(B)/man $(B)/completion ## install evsim, man pages, completion, policy.h and a sample under PREFIX (/usr/local), DESTDIR before it
	install -D -m 755 $(B)/evsim $(TO)/bin/evsim
	for header in $(HEADERS); do install -D -m 644 $$header $(TO)/include/evsim/$$header || exit 1; done
	for page in $(PAGES); do install -D -m 644 $(B)/man/$$page $(TO)/share/man/man1/$$page || exit 1; done
	install -D -m 644 $(B)/completion/bash $(TO)/share/bash-completion/completions/evsim
	install -D -m 644 $(B)/completion/fish $(TO)/share/fish/vendor_completions.d/evsim.fish
	install -D -m 644 $(B)/completion/zsh $(TO)/$(ZSH)/_evsim
	install -D -m 644 README.md $(TO)/share/doc/evsim/README.md
	install -D -m 644 .release/CHANGELOG.md $(TO)/share/doc/evsim/CHANGELOG.md
	install -D -m 644 tests/data/sample.csv.zst $(TO)/share/doc/evsim/examples/sample.csv.zst

uninstall: ## remove what install put there, and nothing else
	rm -f $(INSTALLED:%=$(TO)/%)
	for folder in include/evsim/sim include/evsim/policies include/evsim share/doc/evsim/examples share/doc/evsim; do \
	    [ ! -d $(TO)/$$folder ] || rmdir --ignore-fail-on-non-empty $(TO)/$$folder; done

deb: ## the Debian package, in build/deb, as lintian wants it
	@sh tests/deps.sh $(filter-out %-nox fonts-%,$(PACKAGES)) libcmocka-dev build-essential debhelper fakeroot lintian
	@sh tests/deb.sh

clean: ## remove build/
	rm -rf build

help: ## this list
	@sed -nE 's/^([a-z-]+):[^#]*## /\1	/p' Makefile | expand -t 14

.PHONY: all demo test check tests determinism asan ubsan tsan valgrind cover fuzz fuzzers faults tidy analyze scan objects fidelity record-server streams proof applications browser bench samples gallery slurm job-schema heads layers format-check format deps install uninstall deb clean help always

-include $(OBJECTS:.o=.d) $(ALONE:%.c=$(B)/%.d) $(TESTS:=.d) $(FIDELITY:=.d) $(SUPPORT:.o=.d) $(VIRTUAL).d $(PLUGINS:=.d) $(FUZZ:.o=.d)
