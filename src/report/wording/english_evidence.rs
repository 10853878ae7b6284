//! What the README of an evidence pack says in English.

pub(in crate::report) const README: &str = r#"EVIDENCE PACK of the appliance {name}, serial number {serial}
made {made} by {by}, with {program}

What is in it
  journal.jsonl     what handcarry did on the appliance, a record a line; each
                    holds the SHA-256 of the line before
  manifests/        what the bundles carried, as their signers signed it
  receipts/         what was carried back, as this desk signed it
  allowed_signers   whose keys count, as this desk has it
  report.html       the same for reading, by package; it is nobody's word
  SHA256SUMS        of all other files; it is nobody's word

What you need
  ssh-keygen (OpenSSH 8.2 or later), sha256sum, sed, grep. Not handcarry.
  The keys are what all of it rests on: compare each line of allowed_signers
  with what its owner gave you by another way. The line this-desk is that of
  the machine that made this pack.

How to check it: in the folder that you unpacked it into, paste this into sh.
It ends with ALL HOLDS, or names what does not.

{check}

What it shows
  Each signature is by a key of allowed_signers. No record of the journal was
  changed, added or taken away between others. Each receipt saw this journal,
  as it is up to the record that the receipt names. Each package that the
  journal says was installed is one that a manifest carried.

What it does not show
  That records after the last receipt are all there: only a later receipt does.
  What report.html says beyond the files above. A key whose time is over is
  refused by ssh-keygen: add -O verify-time=YYYYMMDD to both of its lines.
"#;
