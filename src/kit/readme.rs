//! The page that lies beside a kit, for whoever has nothing yet.

use super::Kit;
use std::fmt::Write as _;

/// The page's name.
pub const README: &str = "README.txt";

/// How to check the kit with stock tools alone, and how to install it.
pub fn readme(kit: &Kit) -> String {
    let (version, signatures) = (kit.version.as_str(), kit.signed.signatures.len());
    let mut text = format!("HANDCARRY {version}\n\n");
    text.push_str(INTRODUCTION);
    for number in 1..=signatures {
        let _ = writeln!(text, "   ssh-keygen -Y find-principals -s SHA256SUMS.{number}.sig -f allowed_signers");
        let _ = writeln!(text, "   ssh-keygen -Y verify -f allowed_signers -I WHO -n handcarry-kit \\");
        let _ = writeln!(text, "     -s SHA256SUMS.{number}.sig < SHA256SUMS");
    }
    text.push_str(CHECK);
    for name in kit.files() {
        let _ = match name.as_str() {
            deb if deb.ends_with(".deb") => {
                writeln!(text, "   Debian and its kin, as root:\n     dpkg --install {deb}")
            }
            tar if tar.ends_with(".tar.gz") => {
                let folder = tar.trim_end_matches(".tar.gz");
                writeln!(
                    text,
                    "   Any other Linux, in a folder of your own:\n     tar xf {tar}\n     {folder}/bin/handcarry-inside --version"
                )
            }
            zip if zip.ends_with(".zip") => {
                let folder = zip.trim_end_matches(".zip");
                writeln!(
                    text,
                    "   Windows, in a folder of your own:\n     tar -xf {zip}   (or unpack it in Explorer)\n     {folder}\\handcarry-inside.exe --version"
                )
            }
            _ => Ok(()),
        };
    }
    text.push_str(THEN);
    text
}

const INTRODUCTION: &str = "\
Programs that check what is carried here, and install it on an appliance. This
page is not signed, and whoever can write to this medium can change it: take the
commands from a source you trust where you have one (README.md, Bringing it in).

1. CHECK WHO SIGNED IT

   You need the file allowed_signers with the line of whoever makes these kits.
   Have it from that person, never from this medium:
     NAME namespaces=\"handcarry-kit\" ssh-ed25519 AAAA...
   And ssh-keygen of OpenSSH 8.2 or later (Windows has it, use cmd there, and
   write each command on one line). WHO is what the first command prints:
";

const CHECK: &str = "   It must say 'Good \"handcarry-kit\" signature', and as many different keys as
   your rules ask for must have signed.

2. CHECK THE FILES

   Linux:    sha256sum --check SHA256SUMS
   Windows:  certutil -hashfile FILE SHA256
             and compare with the file's line in SHA256SUMS
   Each file that you use must be 'OK' (the same).

3. INSTALL ONE OF THEM

";

const THEN: &str = "
4. GO ON

   handcarry-inside keygen           makes your key; the outside needs its line
   handcarry-inside trust add FILE   takes the line of whoever seals bundles
   A newer kit, later on: handcarry-inside self apply MEDIA
";
