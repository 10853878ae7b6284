//! `handcarry-outside`: see [`handcarry::outside`].

fn main() -> std::process::ExitCode {
    handcarry::outside::run()
}
