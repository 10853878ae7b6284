//! `README.txt` once more, in the Portuguese of Brazil. The list of packages
//! stands in it once, in English: they are names, files and numbers.

pub(super) const POINTER: &str = "Em português: veja mais abaixo, em \"EM PORTUGUÊS\".\n\n";

pub(super) const WHOLE: &str = "
EM PORTUGUÊS

'handcarry-inside verify' e 'handcarry-inside push' fazem tudo isto e mais.
Sem eles, faça o que segue. Este arquivo e SHA256SUMS não são assinados; só o
manifest.json é. Por isso, tome os comandos de uma fonte em que confia, se tiver
uma (a página de manual handcarry-bundle(5) os tem), e não pule o passo 3: só
ele encontra o que foi alterado.

1. JUNTE E DESCOMPACTE

   Um arquivo NAME.zip: descompacte-o. Vários, NAME.zip.001, NAME.zip.002 ...:
   Linux:    cat NAME.zip.* > NAME.zip && unzip NAME.zip
   Windows:  copy /b NAME.zip.001+NAME.zip.002+... NAME.zip
             depois: tar -xf NAME.zip (ou abra NAME.zip.001 com o 7-Zip)

2. VERIFIQUE QUEM ASSINOU

   É preciso o arquivo allowed_signers de quem você confia: para cada pessoa que
   pode lacrar, a linha que 'handcarry-outside keygen' mostrou. Receba-a dessa
   pessoa, nunca desta mídia. E o ssh-keygen do OpenSSH 8.2 ou mais novo
   (o Windows o tem). Para cada arquivo de assinatura, com N = 1, 2 ...:
   Linux:    ssh-keygen -Y find-principals -s manifest.json.N.sig -f allowed_signers
             ssh-keygen -Y verify -f allowed_signers -I WHO -n handcarry-bundle \\
               -s manifest.json.N.sig < manifest.json
   Windows, em um prompt de comando (cmd), os mesmos dois comandos, cada um em uma
   linha. WHO é o que o primeiro comando mostrou. Cada um deve dizer 'Good
   signature', e devem ter assinado tantas chaves diferentes quantas as suas
   regras pedem.

3. VERIFIQUE OS ARQUIVOS

   Com o manifest.json, que é o que foi assinado. SHA256SUMS não é: quem pode
   gravar aqui pode fazê-lo combinar com qualquer coisa.
   Linux:    awk -F'\"' '$2 == \"file\" { f = $4 } $2 == \"sha256\" && f {
               print $4 \"  packages/\" f; f = \"\" }' manifest.json | sha256sum -c -
             ls -A packages | sort > there.txt
             awk -F'\"' '$2 == \"file\" && $4 { print $4 }' manifest.json | sort |
               diff - there.txt
   Windows, no PowerShell:
             (Get-Content manifest.json -Raw | ConvertFrom-Json).packages |
               ForEach-Object { $_.file + ': ' +
               ((Get-FileHash \"packages\\$($_.file)\").Hash -eq $_.sha256) }
             dir packages
   Cada pacote deve ser 'OK' ('True' no PowerShell), e nenhum pode estar lá sem ser
   citado: o diff mostra um assim (no Windows, compare com dir).
   Veja então para que foi assinado, pois outro bundle do mesmo signatário também
   passaria: o prazo não deve ter terminado, o número de série do seu aplicativo
   deve estar lá, e cada pacote deve vir do servidor do fornecedor ou de uma pessoa
   que você conhece. O segundo comando mostra o que foi assinado para o aplicativo
   com o número de série SERIAL: seus pacotes, na ordem em que ele os instala.
   Linux:    grep -E '\"(bundle|created|expires|serial)\"' manifest.json
             sed -n '/\"serial\": \"SERIAL\"/,/^      ]/p' manifest.json
             grep -E '\"(origin|by|compared)\"' manifest.json
   Windows:  findstr \"bundle created expires serial\" manifest.json
             findstr \"origin by compared\" manifest.json
             No PowerShell:
             (Get-Content manifest.json -Raw | ConvertFrom-Json).appliances |
               Where-Object serial -eq 'SERIAL'

4. INSTALE, NA ORDEM DA LISTA ACIMA (4. INSTALL)

   Onde a lista diz 'then wait 24 hours', espere 24 horas antes do próximo pacote,
   até que todos os clientes tenham se atualizado.
   Antes do primeiro: faça um backup (/login, Gerenciamento, Software) e guarde-o.
   Para cada um: abra /appliance em um navegador, entre, Atualizações, Instalação
   Manual, escolha o arquivo, Atualizar Software, leia e aceite o contrato de
   licença. Uma instalação leva de 15 minutos a uma hora e pode reiniciar o
   aplicativo. Não o reinicie você mesmo, não instale o próximo pacote antes que a
   versão mostrada em Status tenha mudado, e respeite as esperas citadas acima.
";
