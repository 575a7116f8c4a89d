# Packages that differ from examples/tinyVM.ova in one thing.
function Edit-Byte([string]$File, [int]$At) {
    $bytes = [IO.File]::ReadAllBytes($File)
    $bytes[$At] = $bytes[$At] -bxor 0xFF
    [IO.File]::WriteAllBytes($File, $bytes)
}

# Unpacks the package, lets the script change the folder, and packs it again; returns the path.
function New-Package([string]$Folder, [string]$Name, [scriptblock]$Change, [switch]$FreshManifest) {
    $work = Join-Path $Folder ([guid]::NewGuid())
    $null = New-Item -ItemType Directory $work
    [Formats.Tar.TarFile]::ExtractToDirectory("$Repository/examples/tinyVM.ova", $work, $false)
    & $Change $work
    if ($FreshManifest) {
        Get-ChildItem $work -Exclude *.mf | ForEach-Object { "SHA256($($_.Name))= $((Get-FileHash $_).Hash.ToLower())" } |
            Set-Content (Get-ChildItem $work -Filter *.mf)
    }
    $file = Join-Path $Folder $Name
    # The descriptor comes first.
    $writer = [Formats.Tar.TarWriter]::new([IO.File]::Create($file))
    Get-ChildItem $work | Sort-Object { $_.Extension -notin '.ovf' }, { $_.Extension -notin '.mf' } |
        ForEach-Object { $writer.WriteEntry($_.FullName, $_.Name) }
    $writer.Dispose()
    $file
}

function New-EulaPackage([string]$Folder) {
    New-Package $Folder 'eula.ova' -FreshManifest -Change {
        param($work)
        $ovf = Get-Content "$work/tinyVM.ovf" -Raw
        $ovf = $ovf -replace '(<OperatingSystemSection)', "<EulaSection><Info>Licence</Info><License>You shall do no evil.</License></EulaSection>`n    `$1"
        Set-Content "$work/tinyVM.ovf" $ovf -NoNewline
    }
}

