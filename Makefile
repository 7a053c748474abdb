# `make run` and `make test` are the whole set-up: each installs what it misses first.

run:
	@assets/setup.sh run
	cargo run --quiet -- demo

test:
	@assets/setup.sh test
	cargo build --workspace --bins
	cargo test --workspace --no-fail-fast

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

bench:
	@assets/setup.sh test
	cargo build --release
	python3 benches/run.py

# Ten minutes of the window under load: memory must stay flat.
soak:
	@assets/setup.sh test
	cargo build --release
	python3 benches/run.py --only soak

# Everything that reads foreign bytes or texts, each for a minute or as long as asked: `make fuzz SECS=600`. A stable compiler will do.
SECS ?= 60
fuzz:
	@assets/setup.sh test
	command -v cargo-fuzz > /dev/null || cargo install --locked cargo-fuzz
	cd fuzz && for target in bag cdr expression field_path msg_parser; do \
		RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none $$target -- -max_total_time=$(SECS) -rss_limit_mb=2048 -timeout=20 || exit 1; \
	done

dist:
	@assets/setup.sh run
	cargo build --profile dist

# The program, its desktop entry and its icon, for this user or for all: `make install PREFIX=/usr/local`.
PREFIX ?= $(HOME)/.local
install: dist
	install -Dm755 target/dist/roswave $(DESTDIR)$(PREFIX)/bin/roswave
	install -Dm644 assets/roswave.desktop $(DESTDIR)$(PREFIX)/share/applications/roswave.desktop
	install -Dm644 assets/icons/roswave.svg $(DESTDIR)$(PREFIX)/share/icons/hicolor/scalable/apps/roswave.svg

.PHONY: run test lint bench soak fuzz dist install
