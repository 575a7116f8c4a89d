# Each cmdlet with a path accepts it as PowerShell users write it.
BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    $simulator = Start-Simulator
    $session = Connect-Simulator $simulator
    foreach ($cmdlet in 'New-VmFromIso', 'Import-VmOva', 'Send-VmDatastoreFile') { $PSDefaultParameterValues["${cmdlet}:Datastore"] = 'datastore1' }
    $here = New-Item -ItemType Directory (Join-Path $TestDrive 'with space [1] ünï 日本')
    Write-Iso "$TestDrive/one.iso"
    foreach ($name in 'my [boot] ω.iso', '[datastore] looks so.iso', 'plain1.iso', 'plain2.iso') { Copy-Item "$TestDrive/one.iso" -Destination "$here/$name" }
    foreach ($name in 'my [vm] ω.ova', 'plain.ova') { Copy-Item "$Repository/examples/tinyVM.ova" -Destination "$here/$name" }
    Push-Location -LiteralPath $here
    $null = New-PSDrive work FileSystem ([WildcardPattern]::Escape($here))
}

AfterAll {
    Pop-Location
    Disconnect-All
    Stop-Simulator $simulator
}

Describe 'A path of <cmd>' -ForEach @(
    @{ cmd = 'Get-VmOva'; run = { Get-VmOva $path }; file = 'my [vm] ω.ova'; pattern = 'my*.ova'; many = $null }
    @{ cmd = 'Import-VmOva'; run = { Import-VmOva $path -Name made }; file = 'my [vm] ω.ova'; pattern = 'my*ω.ova'; many = '*.ova' }
    @{ cmd = 'New-VmFromIso'; run = { New-VmFromIso $path -Name made }; file = 'my [boot] ω.iso'; pattern = 'my*.iso'; many = 'plain*.iso' }
    @{ cmd = 'Send-VmDatastoreFile'; run = { Send-VmDatastoreFile $path -Destination sent/ }; file = 'my [boot] ω.iso'; pattern = 'my*.iso'; many = 'plain?.iso' }
    @{ cmd = 'Add-VmCdrom'; run = { $vm | Add-VmCdrom -IsoPath $path }; file = 'my [boot] ω.iso'; pattern = 'my*.iso'; many = 'plain[12].iso' }
    @{ cmd = 'Set-VmCdrom'; run = { $vm | Get-VmCdrom | Set-VmCdrom -IsoPath $path }; file = 'my [boot] ω.iso'; pattern = 'my*.iso'; many = 'plain*.iso' }
) {
    BeforeEach {
        $vm = Import-VmOva plain.ova -Name target
        if ($cmd -eq 'Set-VmCdrom') { $vm = $vm | Add-VmCdrom }
    }

    AfterEach { Clear-Simulator $simulator }

    It 'is taken with spaces, brackets and Unicode, <how>' -ForEach @(
        @{ how = 'relative'; of = { $file } }
        @{ how = 'relative with a dot'; of = { "./$file" } }
        @{ how = 'absolute'; of = { Join-Path $here $file } }
        @{ how = 'on a PSDrive'; of = { "work:/$file" } }
        @{ how = 'escaped'; of = { [WildcardPattern]::Escape($file) } }
        @{ how = 'by a wildcard'; of = { $pattern } }
    ) {
        $path = & $of
        $ErrorActionPreference = 'Stop'
        . $run | Should -Not -BeNullOrEmpty
        $state = Send-Order $simulator
        switch ($cmd) {
            'Import-VmOva' { $state.Vms.Name | Should -Be 'target', 'made' }
            'New-VmFromIso' { ($state.Vms | Where-Object Name -EQ made).Cdroms[0].Iso | Should -Be "[datastore1] iso/$file" }
            'Send-VmDatastoreFile' { $state.Files | Should -Contain "[datastore1] sent/$file" }
            { $_ -like '*Cdrom' } { $state.Vms[0].Cdroms[0].Iso | Should -BeLike "*/$([WildcardPattern]::Escape($file))" }
        }
    }

    It 'that fits several files is refused: AmbiguousPath' -Skip:(-not $many) {
        $path = $many
        { $ErrorActionPreference = 'Stop'; . $run } | Should -Throw -ErrorId 'AmbiguousPath,*'
    }
}

Describe 'A local ISO whose name looks like a datastore path' {
    It 'is taken with ./ before it' {
        (New-VmFromIso './[datastore] looks so.iso' -Name made -ErrorAction Stop).Name | Should -Be 'made'
        (Send-Order $simulator).Files | Should -Contain '[datastore1] iso/[datastore] looks so.iso'
        Clear-Simulator $simulator
    }
}

Describe 'Files that are piped in' {
    It 'go to Send-VmDatastoreFile, each' {
        $sent = Get-ChildItem *.iso | Send-VmDatastoreFile -Destination piped/ -ErrorAction Stop
        $sent.Count | Should -Be 4
        @((Send-Order $simulator).Files -like '`[datastore1`] piped/*').Count | Should -Be 4
    }

    It 'go to Import-VmOva, each' {
        (Get-ChildItem *.ova | ForEach-Object { $i = 0 } { $i++; $_ | Import-VmOva -Name "piped$i" -ErrorAction Stop }).Name | Should -Be 'piped1', 'piped2'
        Clear-Simulator $simulator
    }
}

Describe 'The files of cloud-init' {
    It 'are taken by their paths: <path>' -ForEach @{ path = './my [user] data.yaml' }, @{ path = './my `[user`] data.yaml' } {
        $xen = Start-Simulator @{ mode = 'xenserver' }
        $to = Connect-Simulator $xen
        Set-Content -LiteralPath './my [user] data.yaml' "#cloud-config`nhostname: from-a-file"
        $null = New-VmFromTemplate alpine-template -Name made -UserData $path -Session $to -ErrorAction Stop
        $drive = (Send-Order $xen).Vms[0].Disks[-1].LocalPath
        [Text.Encoding]::ASCII.GetString([IO.File]::ReadAllBytes($drive)) | Should -Match 'hostname: from-a-file'
        Disconnect-Xapi $to
        Stop-Simulator $xen
    }
}

Describe 'Names with Unicode, spaces and brackets' {
    AfterAll { Clear-Simulator $simulator }

    It 'go through every cmdlet that takes a VM''s name' {
        $ErrorActionPreference = 'Stop'
        $name = 'web [1] ünï 日本'
        (Import-VmOva plain.ova -Name $name).Name | Should -Be $name
        (Get-VmInstance $name).Name | Should -Be $name
        (New-VmClone -SourceName $name -Name "$name 2").Name | Should -Be "$name 2"
        (Add-VmCdrom $name).Name | Should -Be $name
        (Get-VmCdrom $name).Vm.Name | Should -Be $name
        (Start-VmInstance $name).PowerState | Should -Be 'On'
        (Wait-VmInstance $name On -TimeoutSec 10).Name | Should -Be $name
        (Stop-VmInstance $name -Force -Confirm:$false).PowerState | Should -Be 'Off'
        (Send-Order $simulator).Vms.Name | Should -Be $name, "$name 2"
        Remove-VmInstance $name, "$name 2" -Confirm:$false
        (Send-Order $simulator).Vms | Should -BeNullOrEmpty
    }
}
