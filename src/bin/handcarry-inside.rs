//! `handcarry-inside`: see [`handcarry::inside`].

/// glibc's allocator lays a TLS record's plaintext just behind the record it is
/// copied from, where some processors copy thirty times slower ("page aliasing"
/// of `rep movsb`); this one lays blocks apart.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    handcarry::inside()
}
