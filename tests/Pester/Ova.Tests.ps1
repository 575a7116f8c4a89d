BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Packages.ps1"
    $tiny = "$Repository/examples/tinyVM.ova"
    $here = New-Item -ItemType Directory (Join-Path $TestDrive 'with space [1] ünï')
    Copy-Item -LiteralPath $tiny (Join-Path $here 'my [vm] ω.ova')
    Copy-Item -LiteralPath $tiny (Join-Path $here 'plain.ova')
}

Describe 'Get-VmOva' {
    It 'shows what is in it' {
        $ova = Get-VmOva $tiny
        $ova.PackageName | Should -Be 'tinyVM'
        $ova.CpuCount | Should -Be 1
        $ova.MemoryBytes | Should -Be 32MB
        $ova.Disks.FileName | Should -Be 'tinyVM-disk1.vmdk'
        $ova.Disks[0].CapacityBytes | Should -BeGreaterThan 0
        $ova.Networks.Name | Should -Be 'VM Network'
        $ova.Files.Href | Should -Be 'tinyVM-disk1.vmdk'
        $ova.Integrity | Should -Be 'NotVerified'
    }

    It 'shows a table and a list with readable sizes' {
        $PSStyle.OutputRendering = 'PlainText'
        $ova = Get-VmOva $tiny
        $ova | Format-Table | Out-String -Width 200 | Should -Match 'tinyVM\s+1\s+32\s+1\s+7 KB\s+VM Network\s+NotVerified'
        $ova | Format-List | Out-String -Width 200 | Should -Match 'vmdisk1: [\d.,]+ MB in tinyVM-disk1.vmdk, 7 KB'
    }

    It 'shows no character of a package that a terminal obeys, and no password' {
        $evil = New-Package $TestDrive 'evil.ova' -FreshManifest -Change {
            param($work)
            $ovf = Get-Content "$work/tinyVM.ovf" -Raw
            $ovf = $ovf -replace '(<VirtualHardwareSection)', "<ProductSection><Info>x</Info><Product>a&#x9B;2J</Product><Vendor>b&#x202E;c</Vendor><Property ovf:key=`"k&#x9B;`" ovf:type=`"string`" ovf:userConfigurable=`"true`"/><Property ovf:key=`"pw`" ovf:type=`"string`" ovf:password=`"true`" ovf:value=`"hidden`"/></ProductSection><EulaSection><Info>x</Info><License>d&#x85;e</License></EulaSection>`n`$1"
            Set-Content "$work/tinyVM.ovf" $ovf -NoNewline
        }
        $ova = Get-VmOva $evil -Verify
        $ova.Vendor | Should -Be "b$([char]0x202E)c" -Because 'a script gets the text itself'
        foreach ($shown in $ova, $ova.Properties, $ova.FileResults, $ova.Files, $ova.Signature) {
            foreach ($view in 'Format-List', 'Format-Table') {
                $shown | & $view | Out-String -Width 200 | Should -Not -Match '[\x80-\x9F\u202E]|hidden'
            }
        }
        $ova | Format-List | Out-String -Width 200 | Should -Match 'a\\u009B2J'
    }

    It '-Verify finds it intact' {
        $ova = Get-VmOva $tiny -Verify
        $ova.Integrity | Should -Be 'Intact'
        $ova.FileResults.Name | Should -Contain 'tinyVM-disk1.vmdk'
    }

    It '-Verify names the file that is another one, and shows the package all the same' {
        $bad = New-Package $TestDrive 'bad.ova' -Change { param($folder) Edit-Byte "$folder/tinyVM-disk1.vmdk" 5000 }
        $ova = Get-VmOva $bad -Verify -ErrorVariable failures -ErrorAction SilentlyContinue
        $ova.Integrity | Should -Be 'Damaged'
        $failures.FullyQualifiedErrorId | Should -Be 'OvaDigestMismatch,VmDeploy.PowerShell.GetVmOvaCommand'
        $failures[0].TargetObject | Should -Be 'tinyVM-disk1.vmdk'
    }

    It 'shows the licence text' {
        $ova = Get-VmOva (New-EulaPackage $TestDrive)
        $ova.Eula | Should -Match 'do no evil'
    }

    It 'holds no file open' {
        $copy = Join-Path $TestDrive 'held.ova'
        Copy-Item $tiny $copy
        $null = Get-VmOva $copy -Verify
        [IO.File]::Open($copy, 'Open', 'ReadWrite', 'None').Dispose()
    }
}

Describe 'Paths' {
    BeforeAll { Push-Location -LiteralPath $here }
    AfterAll { Pop-Location }

    It 'are taken: <what>' -ForEach @(
        @{ what = 'relative'; get = { Get-VmOva ./plain.ova }; count = 1 }
        @{ what = 'with brackets, literally'; get = { Get-VmOva -LiteralPath 'my [vm] ω.ova' }; count = 1 }
        @{ what = 'with brackets, as they are'; get = { Get-VmOva 'my [vm] ω.ova' }; count = 1 }
        @{ what = 'with wildcards'; get = { Get-VmOva *.ova }; count = 2 }
        @{ what = 'piped as text'; get = { './plain.ova' | Get-VmOva }; count = 1 }
        @{ what = 'piped as files'; get = { Get-ChildItem *.ova | Get-VmOva }; count = 2 }
        @{ what = 'piped as JSON'; get = { '{ "ovf_path": "./plain.ova", "datastore": "x" }' | ConvertFrom-Json | Get-VmOva }; count = 1 }
        @{ what = 'on a PSDrive'; get = { $null = New-PSDrive ova FileSystem ([WildcardPattern]::Escape($here)) -Scope Script; Get-VmOva ova:/plain.ova }; count = 1 }
    ) {
        $ErrorActionPreference = 'Stop'
        @(& $get).Count | Should -Be $count
    }

    It 'that lead nowhere fail with <id>: <path>' -ForEach @(
        @{ path = './none.ova'; id = 'OvaNotFound' }
        @{ path = './none*.ova'; id = 'OvaNotFound' }
        @{ path = 'nodrive:/x.ova'; id = 'PathNotOnFileSystem' }
        @{ path = 'Env:/PATH'; id = 'PathNotOnFileSystem' }
    ) {
        { Get-VmOva $path -ErrorAction Stop } | Should -Throw -ErrorId "$id,VmDeploy.PowerShell.GetVmOvaCommand"
    }

    It 'one bad file does not hide the others' {
        $found = Get-VmOva ./none.ova, ./plain.ova -ErrorVariable failures -ErrorAction SilentlyContinue
        $found.PackageName | Should -Be 'tinyVM'
        $failures.Count | Should -Be 1
    }
}

Describe 'Bad packages' {
    It 'say <id>: <what>' -ForEach @(
        @{ what = 'no archive'; id = 'OvaNotATar'; make = { param($file) Set-Content $file ('nothing of a tar ' * 100) } }
        @{ what = 'cut in the middle'; id = 'OvaTruncated'; make = { param($file) [IO.File]::WriteAllBytes($file, [IO.File]::ReadAllBytes($tiny)[0..5000]) } }
    ) {
        $file = Join-Path $TestDrive 'strange.ova'
        & $make $file
        $caught = $null
        try { Get-VmOva $file -ErrorAction Stop } catch { $caught = $_ }
        $caught.FullyQualifiedErrorId | Should -Be "$id,VmDeploy.PowerShell.GetVmOvaCommand"
        $caught.Exception.Message | Should -Match 'strange'
    }
}
