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

dist:
	@assets/setup.sh run
	cargo build --profile dist

.PHONY: run test lint bench soak dist
