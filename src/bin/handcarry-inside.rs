//! `handcarry-inside`: see [`handcarry::inside`].

fn main() -> std::process::ExitCode {
    handcarry::inside::run()
}
