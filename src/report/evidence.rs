//! The README of an evidence pack: how an auditor checks it with stock tools alone.

use super::page::{About, Imprint};
use super::wording::readme_of;
use crate::model::{local_time_in, text};

/// What is pasted into a shell, the same in every language.
// All in one block, since who checks must not choose what to leave out; what does not hold is named, and the rest is
// checked all the same.
const CHECK: &str = r#"    (
    bad=0
    sha256sum --quiet -c SHA256SUMS || bad=1
    sum() { sha256sum | cut -c 1-64; }
    n=0; prev=$(printf '' | sum)
    while IFS= read -r line; do
      n=$((n + 1)); own=$(printf '%s' "${line%,\"sha256\":*}" | sum)
      case $line in
        "{\"seq\":$n,\"prev\":\"$prev\","*",\"sha256\":\"$own\"}") ;;
        *) echo "journal.jsonl: record $n does not hold"; bad=1 ;;
      esac
      prev=$(printf '%s' "$line" | sum)
    done < journal.jsonl
    echo "journal.jsonl: $n records, the last with the SHA-256 $prev"
    for file in manifests/*.json receipts/*.json; do
      [ -e "$file" ] || continue
      case $file in manifests/*) space=handcarry-bundle ;; *) space=handcarry-receipt ;; esac
      for sig in "$file".*.sig; do
        who=$(ssh-keygen -Y find-principals -f allowed_signers -s "$sig" | head -n 1)
        ssh-keygen -Y verify -f allowed_signers -n $space -s "$sig" -I "$who" < "$file" \
          || { echo "$file: its signature does not hold"; bad=1; }
      done
    done
    for file in manifests/*.json; do
      [ ! -e "$file" ] || grep -q "\"manifest_sha256\":\"$(sum < "$file")\"" journal.jsonl \
        || { echo "$file: the journal does not speak of it"; bad=1; }
    done
    for file in receipts/*.json; do
      [ -e "$file" ] || continue
      of() { sed -n "/\"journal\": {/,/}/s/.*\"$1\": \"*\([0-9a-f]*\).*/\1/p" "$file"; }
      here=$(sed -n "$(of records)p" journal.jsonl | tr -d '\n' | sum)
      [ "$here" = "$(of sha256)" ] || { echo "$file: it saw another journal"; bad=1; }
    done
    for key in $(sed -n '/"kind":"install-confirmed"/s/.*"key":"sha256:\([0-9a-f]*\)".*/\1/p' journal.jsonl); do
      grep -qs "$key" manifests/*.json || { echo "package $key: no manifest has it"; bad=1; }
    done
    [ $bad = 0 ] && echo "ALL HOLDS"
    )"#;

/// The README of the pack about an appliance.
pub fn evidence_readme(about: &About, imprint: &Imprint) -> String {
    let program = format!("{} {}", imprint.program, env!("CARGO_PKG_VERSION"));
    let values = [
        ("{name}", text::one_line(&about.name)),
        ("{serial}", text::one_line(&about.serial)),
        ("{made}", local_time_in(imprint.made, imprint.words().days)),
        ("{by}", text::one_line(&imprint.by)),
        ("{program}", program),
        // Last, since what is pasted must stand there as it is.
        ("{check}", CHECK.to_owned()),
    ];
    values.iter().fold(readme_of(imprint.language).to_owned(), |readme, (name, value)| readme.replace(name, value))
}
