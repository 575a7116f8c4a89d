BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    . "$PSScriptRoot/Support/Packages.ps1"
    $simulator = Start-Simulator @{ vms = 3 }
    $session = Connect-Simulator $simulator
    function Complete([string]$Line, [int]$Tries = 5) {
        # What takes longer than a second completes to nothing, and a busy machine may.
        do { $found = (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches.CompletionText } until ($found -or -not --$Tries)
        $found
    }
}

AfterAll {
    Get-VmSession | Disconnect-Esxi
    Stop-Simulator $simulator
}

Describe 'Completion' {
    It 'of <line> gives <first>' -ForEach @(
        @{ line = 'Import-VmOva x.ova -Datastore '; first = 'datastore1' }
        @{ line = 'Import-VmOva x.ova -Datastore data'; first = 'datastore1' }
        @{ line = 'Import-VmOva x.ova -HostName '; first = 'localhost.localdomain' }
        @{ line = 'Import-VmOva x.ova -NetworkMap VM'; first = "'VM Network'" }
        @{ line = "Import-VmOva x.ova -NetworkMap 'VM N"; first = "'VM Network'" }
        @{ line = 'Get-VmInstance vm-00002'; first = 'vm-00002' }
        @{ line = 'Start-VmInstance -Name '; first = 'vm-00001' }
        @{ line = 'Import-VmOva x.ova -DiskProvisioning Thi'; first = 'Thick' }
    ) {
        @(Complete $line)[0] | Should -Be $first
    }

    It 'of networks needs no OVA that can be read' {
        $damaged = New-Item (Join-Path $TestDrive 'damaged.ova') -Value 'not a package'
        Complete "Import-VmOva '$damaged' -Network VM" | Should -Be "'VM Network'"
    }

    It 'of a session gives its id' {
        $text = @(Complete 'Get-VmInstance -Session ')[0]
        $text | Should -Be "$($session.Id)"
    }

    It 'of properties and options comes from the OVA' {
        $file = New-Package $TestDrive 'my options.ova' -FreshManifest -Change {
            param($work)
            $ovf = Get-Content "$work/tinyVM.ovf" -Raw
            $ovf = $ovf -replace '(<VirtualSystem )', '<DeploymentOptionSection><Info>o</Info><Configuration ovf:id="small"><Label>Small</Label><Description>one</Description></Configuration><Configuration ovf:id="large"><Label>Large</Label><Description>two</Description></Configuration></DeploymentOptionSection>$1'
            $ovf = $ovf -replace '(<OperatingSystemSection)', '<ProductSection ovf:class="app"><Info>p</Info><Property ovf:key="greeting" ovf:type="string" ovf:userConfigurable="true" ovf:value="it''s me"><Label>Greeting</Label></Property></ProductSection>$1'
            Set-Content "$work/tinyVM.ovf" $ovf -NoNewline
        }
        Complete "Import-VmOva '$file' -DeploymentOption " | Should -Be 'small', 'large'
        $brackets = Join-Path $TestDrive 'my [options].ova'
        Copy-Item $file -Destination $brackets
        foreach ($path in $brackets, [WildcardPattern]::Escape($brackets)) { Complete "Import-VmOva '$path' -DeploymentOption " | Should -Be 'small', 'large' }
        Complete "Import-VmOva -ova_path '$file' -Property " | Should -Be "@{ 'app.greeting' = 'it''s me' }"
    }

    It 'says nothing, and no error, when it can not know: <line>' -ForEach @(
        @{ line = 'Import-VmOva ./none.ova -DeploymentOption ' }
        @{ line = 'Import-VmOva -Property ' }
        @{ line = 'Get-VmInstance -Session $nothing -Name zzz' }
    ) {
        $before = $Error.Count
        Complete $line | Where-Object { $_ -notlike '*.*' } | Should -BeNullOrEmpty
        $Error.Count | Should -Be $before
    }

    It 'of a VM''s name reads devices of no VM that does not fit' {
        $before = (Send-Order $simulator).DeviceReads
        Complete 'Get-VmInstance zz' -Tries 1 | Should -BeNullOrEmpty
        (Send-Order $simulator).DeviceReads | Should -Be $before
        Complete 'Get-VmInstance vm-00002' | Should -Be 'vm-00002'
        (Send-Order $simulator).DeviceReads | Should -BeGreaterThan $before
    }

    It 'does not wait for a host that does not answer' {
        # Longer than any completion may take, and shorter than the session's time limit, so that a completion that waits gets the name.
        $null = Send-Order $simulator @{ do = 'delay'; method = '*'; milliseconds = 60000 }
        try { Complete 'Import-VmOva x.ova -Datastore datastore1' -Tries 1 | Should -BeNullOrEmpty }
        finally { $null = Send-Order $simulator @{ do = 'clear' } }
    }

    It 'without a session says nothing' {
        Get-VmSession | Disconnect-Esxi
        Complete 'Import-VmOva x.ova -Datastore ' | Where-Object { $_ -eq 'datastore1' } | Should -BeNullOrEmpty
        $session = Connect-Simulator $simulator
    }
}

Describe 'Completion on <mode>' -ForEach @(
    @{
        mode  = 'esxi'
        setup = @{ vms = 1; pools = @('Gold/My pool') }
        cases = @(
            @{ line = 'Import-VmOva x.ova -Datastore '; gives = 'datastore1', 'datastore2' }
            @{ line = 'New-VmFromIso x.iso -IsoDatastore '; gives = 'datastore1', 'datastore2' }
            @{ line = 'Import-VmOva x.ova -NetworkMap '; gives = 'Lab', "'VM Network'" }
            @{ line = 'New-VmFromIso x.iso -Network '; gives = 'Lab', "'VM Network'" }
            @{ line = 'New-VmClone -NetworkMap V'; gives = "'VM Network'" }
            @{ line = 'Import-VmOva x.ova -HostName '; gives = 'localhost.localdomain' }
            @{ line = 'Get-VmHypervisor '; gives = 'localhost.localdomain' }
            @{ line = 'Import-VmOva x.ova -Datacenter '; gives = 'ha-datacenter' }
            @{ line = 'Send-VmDatastoreFile x -Datacenter '; gives = 'ha-datacenter' }
            @{ line = 'Import-VmOva x.ova -Folder '; gives = @() }
            @{ line = 'Import-VmOva x.ova -ResourcePool '; gives = 'Gold', "'Gold/My pool'", 'Resources' }
            @{ line = 'New-VmClone -ResourcePool my'; gives = "'Gold/My pool'" }
            @{ line = 'New-VmFromTemplate '; gives = @() }
            @{ line = 'Get-VmInstance v'; gives = 'vm-00001' }
            @{ line = 'New-VmClone -SourceName '; gives = 'vm-00001' }
        )
    }
    @{
        mode  = 'vcenter'
        setup = @{ vms = 1; folders = @('Prod/Web', "My folder's"); pools = @('Gold') }
        cases = @(
            @{ line = 'Import-VmOva x.ova -Datastore '; gives = 'branch-datastore1', 'datastore1', 'datastore2' }
            @{ line = 'Import-VmOva x.ova -HostName esx'; gives = 'esx2.localdomain', 'esx3.localdomain' }
            @{ line = 'Import-VmOva x.ova -HostName clu'; gives = 'cluster1' }
            @{ line = 'Import-VmOva x.ova -Datacenter '; gives = 'branch', 'ha-datacenter' }
            @{ line = 'Import-VmOva x.ova -Folder '; gives = "'My folder''s'", 'Prod', 'Prod/Web' }
            @{ line = 'New-VmFromIso x.iso -Folder Prod/'; gives = 'Prod/Web' }
            @{ line = 'New-VmFromTemplate t -Folder "My'; gives = "'My folder''s'" }
            @{ line = 'Import-VmOva x.ova -Folder we'; gives = 'Prod/Web' }
            @{ line = 'Import-VmOva x.ova -ResourcePool '; gives = 'Gold', 'Resources' }
            @{ line = 'Get-VmInstance v'; gives = 'vm-00001' }
        )
    }
    @{
        mode  = 'xenserver'
        setup = @{ vms = 1 }
        cases = @(
            @{ line = 'Import-VmOva x.ova -Datastore Loc'; gives = "'Local storage'" }
            @{ line = 'New-VmFromIso x.iso -Network pool*1'; gives = "'Pool-wide network associated with eth1'" }
            @{ line = 'Import-VmOva x.ova -HostName '; gives = 'xenserver-sim' }
            @{ line = 'New-VmFromTemplate '; gives = 'alpine-template', "'Debian Bookworm 12'", "'Other install media'" }
            @{ line = 'Get-VmTemplate deb'; gives = "'Debian Bookworm 12'" }
            @{ line = 'Get-VmInstance v'; gives = 'vm-00001' }
            @{ line = 'Import-VmOva x.ova -Datacenter '; gives = @() }
            @{ line = 'Import-VmOva x.ova -Folder '; gives = @() }
            @{ line = 'Import-VmOva x.ova -ResourcePool '; gives = @() }
        )
    }
) {
    BeforeAll {
        Disconnect-All
        $setup.mode = $mode
        $other = Start-Simulator $setup
        $null = Connect-Simulator $other
        # PowerShell completes anything else as a file name.
        Push-Location (New-Item -ItemType Directory "$TestDrive/empty of $mode")
    }

    AfterAll {
        Pop-Location
        Disconnect-All
        Stop-Simulator $other
    }

    It '<line>' -ForEach $cases {
        $before = $Error.Count
        Complete $line | Should -Be $gives
        $Error.Count | Should -Be $before
    }

    It 'gives what Import-VmOva then takes' -Skip:($mode -eq 'xenserver') {
        foreach ($parameter in 'Folder', 'ResourcePool') {
            foreach ($text in Complete "Import-VmOva x.ova -$parameter " | Where-Object { $_ }) {
                $line = "Import-VmOva '$Repository/examples/tinyVM.ova' -Datacenter ha-datacenter -HostName localhost.localdomain -Datastore datastore1 -$parameter $text -WhatIf -ErrorAction Stop"
                & ([scriptblock]::Create($line))
            }
        }
    }

    It 'of a network map takes the OVA''s networks' {
        $file = New-Package $TestDrive 'two networks.ova' -FreshManifest -Change {
            param($work)
            $ovf = Get-Content "$work/tinyVM.ovf" -Raw
            Set-Content "$work/tinyVM.ovf" ($ovf -replace '(<Network ovf:name="VM Network">)', '<Network ovf:name="Bob''s"><Description>x</Description></Network>$1') -NoNewline
        }
        $same = if ($mode -eq 'xenserver') { '' } else { 'VM Network' }
        @(Complete "Import-VmOva '$file' -NetworkMap ")[-1] | Should -Be "@{ 'Bob''s' = ''; 'VM Network' = '$same' }"
        @(Complete "Import-VmOva '$file' -NetworkMap Bob") | Should -Be "@{ 'Bob''s' = ''; 'VM Network' = '$same' }"
        Disconnect-All
        @(Complete "Import-VmOva '$file' -NetworkMap ") | Should -Be "@{ 'Bob''s' = ''; 'VM Network' = '' }"
        $null = Connect-Simulator $other
    }
}
