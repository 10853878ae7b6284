//! What the README of an evidence pack says in the Portuguese of Brazil.

pub(in crate::report) const README: &str = r#"PACOTE DE EVIDÊNCIAS do aplicativo {name}, número de série {serial}
feito em {made} por {by}, com {program}

O que há nele
  journal.jsonl     o que o handcarry fez no aplicativo, um registro por linha;
                    cada um contém o SHA-256 da linha anterior
  manifests/        o que foi transportado, como os signatários assinaram
  receipts/         o que foi levado de volta, como esta mesa assinou
  allowed_signers   de quem as chaves valem, como esta mesa as tem
  report.html       o mesmo para leitura, por pacote; não é a palavra de ninguém
  SHA256SUMS        de todos os outros arquivos; não é a palavra de ninguém

Do que você precisa
  ssh-keygen (OpenSSH 8.2 ou mais novo), sha256sum, sed, grep. Não do handcarry.
  Tudo se apoia nas chaves: compare cada linha de allowed_signers com o que o
  dono lhe deu por outro caminho. A linha this-desk é a da máquina que fez este
  pacote.

Como verificar: na pasta em que você o descompactou, cole isto no sh. Termina
com ALL HOLDS, ou diz o que não está íntegro.

{check}

O que isso demonstra
  Cada assinatura é de uma chave de allowed_signers. Nenhum registro do diário
  foi alterado, acrescentado ou retirado entre outros. Cada recibo viu este
  diário, como ele é até o registro que o recibo indica. Cada pacote que o
  diário diz instalado é um que um manifesto transportou.

O que isso não demonstra
  Que os registros depois do último recibo estão todos aqui: só um recibo
  posterior o faz. O que report.html diz além dos arquivos acima. Uma chave cujo
  prazo terminou é recusada pelo ssh-keygen: acrescente -O verify-time=AAAAMMDD
  às duas linhas dele.
"#;
