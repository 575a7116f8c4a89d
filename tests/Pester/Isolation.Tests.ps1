# A session that holds another version of the logging library, lower or higher, loaded before or after ours.
BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    $simulator = Start-Simulator

    # A real library with another version number in its metadata (ECMA-335 II.22.2), as another module would ship it.
    function Copy-AsVersion([string]$From, [string]$To, [int]$Major) {
        $bytes = [IO.File]::ReadAllBytes($From)
        $image = [Reflection.PortableExecutable.PEReader]::new([IO.MemoryStream]::new($bytes))
        $metadata = [Reflection.Metadata.PEReaderExtensions]::GetMetadataReader($image)
        $table = [Reflection.Metadata.Ecma335.MetadataReaderExtensions]::GetTableMetadataOffset($metadata, 'Assembly')
        [BitConverter]::GetBytes([uint16]$Major).CopyTo($bytes, $image.PEHeaders.MetadataStartOffset + $table + 4)
        [IO.File]::WriteAllBytes($To, $bytes)
    }

    # A module that uses its own logging library and says which one it got.
    function New-Decoy([int]$Major) {
        $folder = Join-Path $TestDrive "Decoy$Major"
        if (Test-Path $folder) { return $folder }
        $null = New-Item -ItemType Directory $folder
        foreach ($name in 'Microsoft.Extensions.Logging.Abstractions', 'Microsoft.Extensions.Logging', 'Microsoft.Extensions.Options') {
            Copy-AsVersion "$(Split-Path $ModulePath)/lib/$name.dll" "$folder/$name.dll" $Major
        }
        Add-Type -OutputAssembly "$folder/Decoy.dll" -ReferencedAssemblies "$folder/Microsoft.Extensions.Logging.Abstractions.dll", 'netstandard' -TypeDefinition @'
using Microsoft.Extensions.Logging;
public static class Decoy
{
    public static string Check()
    {
        Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance.LogInformation("hello");
        return "decoy works with " + typeof(ILogger).Assembly.GetName().Version;
    }
}
'@
        $folder
    }

    function Test-Together([string]$Order, [int]$Major) {
        $useDecoy = "Add-Type -Path '$(New-Decoy $Major)/Microsoft.Extensions.Logging.Abstractions.dll', '$(New-Decoy $Major)/Microsoft.Extensions.Logging.dll'; Import-Module '$(New-Decoy $Major)/Decoy.dll'; [Decoy]::Check()"
        $import = "Import-Module '$ModulePath'"
        $connect = "`$secret = ConvertTo-SecureString '$($simulator.Password)' -AsPlainText -Force
`$null = Connect-Esxi $($simulator.Server) ([pscredential]::new('$($simulator.UserName)', `$secret)) -Port $($simulator.HttpsPort) -CertificateThumbprint $($simulator.Thumbprint) -Verbose 4>&1 | Tee-Object -Variable said
`$said -match 'Logged in'
'connected: ' + (Test-VmSession).IsAlive"
        $steps = switch ($Order) {
            'before' { $useDecoy, $import, $connect }
            'between' { $import, $useDecoy, $connect }
            'after' { $import, $connect, $useDecoy, "'still: ' + (Test-VmSession).IsAlive" }
        }
        $file = Join-Path $TestDrive 'together.ps1'
        @('$ErrorActionPreference = "Stop"') + $steps + '[Decoy]::Check()' | Set-Content $file
        & $Pwsh -NoProfile -File $file 2>&1 | Out-String
    }
}

AfterAll { Stop-Simulator $simulator }

Describe 'A decoy of version <major> loaded <order> ours' -ForEach @(
    foreach ($major in 6, 99) { foreach ($order in 'before', 'between', 'after') { @{ major = $major; order = $order } } }
) {
    It 'breaks neither' {
        $said = Test-Together $order $major
        $said | Should -Match 'Logged in'
        $said | Should -Match 'connected: True'
        ([regex]::Matches($said, "decoy works with $major\.")).Count | Should -Be 2 -Because $said
    }
}

Describe 'Our libraries' {
    It 'are not given to others' {
        $file = Join-Path $TestDrive 'alone.ps1'
        @"
Import-Module '$ModulePath'
try { Connect-Esxi 127.0.0.1 ([pscredential]::new('u', (ConvertTo-SecureString 'p' -AsPlainText -Force))) -Port 1 } catch { }
Add-Type -Path '$(New-Decoy 6)/Decoy.dll'
Remove-Item '$(New-Decoy 6)/Microsoft.Extensions.Logging.Abstractions.dll'
try { [Decoy]::Check() } catch { 'not found' }
"@ | Set-Content $file
        & $Pwsh -NoProfile -File $file 2>&1 | Out-String | Should -Match 'not found'
    }

    It 'are not loaded by Import-Module' {
        $loaded = & $Pwsh -NoProfile -Command "Import-Module '$ModulePath'; [AppDomain]::CurrentDomain.GetAssemblies().Location -like '*lib*Microsoft.Extensions*'"
        $loaded | Should -BeNullOrEmpty
    }
}
