BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    . "$PSScriptRoot/Support/Packages.ps1"
    $simulator = Start-Simulator @{ vms = 3 }
    $session = Connect-Simulator $simulator
    function Complete([string]$Line) {
        (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches.CompletionText
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

    It 'of a session gives an expression that finds it' {
        $text = @(Complete 'Get-VmInstance -Session ')[0]
        (& ([scriptblock]::Create($text))).Id | Should -Be $session.Id
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

    It 'does not wait for a host that does not answer' {
        $null = Send-Order $simulator @{ do = 'delay'; method = '*'; milliseconds = 5000 }
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $null = Complete 'Import-VmOva x.ova -Datastore zz'
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 2
        $null = Send-Order $simulator @{ do = 'clear' }
    }

    It 'without a session says nothing' {
        Get-VmSession | Disconnect-Esxi
        Complete 'Import-VmOva x.ova -Datastore ' | Where-Object { $_ -eq 'datastore1' } | Should -BeNullOrEmpty
        $session = Connect-Simulator $simulator
    }
}
