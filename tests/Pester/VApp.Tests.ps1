# A package of two machines, on every kind of host; the results are read from the simulator.
Describe 'A vApp on <mode>' -ForEach @(@{ mode = 'esxi' }, @{ mode = 'vcenter' }, @{ mode = 'xenserver' }) {
    BeforeAll {
        . "$PSScriptRoot/Support/Import.ps1"
        . "$PSScriptRoot/Support/Simulator.ps1"
        . "$PSScriptRoot/Support/Packages.ps1"
        $simulator = Start-Simulator @{ mode = $mode; tools = $true }
        $session = Connect-Simulator $simulator

        # The machine of tinyVM twice, as db and web, with the one disk; db is started first.
        $ova = New-Package $TestDrive "$mode.ova" -FreshManifest -Change {
            param($work)
            $ovf = Get-Content "$work/tinyVM.ovf" -Raw
            $machine = [regex]::Match($ovf, '(?s)<VirtualSystem .*</VirtualSystem>').Value
            $machines = 'web', 'db' | ForEach-Object { $machine -replace 'ovf:id="tinyVM"', "ovf:id=`"$_`"" -replace '<Name>tinyVM</Name>', "<Name>$_</Name>" }
            $order = '<StartupSection><Info>Order</Info><Item ovf:id="web" ovf:order="2"/><Item ovf:id="db" ovf:order="1" ovf:waitingForGuest="true" ovf:startDelay="60"/></StartupSection>'
            $group = "<VirtualSystemCollection ovf:id=`"shop`"><Info>A shop</Info>$order$machines</VirtualSystemCollection>"
            Set-Content "$work/tinyVM.ovf" $ovf.Replace($machine, $group) -NoNewline
        }
        $place = @{
            HostName  = (Get-VmHypervisor | Select-Object -Last 1).Name
            Datastore = (Get-VmDatastore 'datastore1', 'Local storage' -ErrorAction Ignore).Name
        }
    }

    AfterAll {
        Disconnect-All
        Stop-Simulator $simulator
    }

    It 'is shown with its machines' {
        $PSStyle.OutputRendering = 'PlainText'
        $package = Get-VmOva $ova
        $package.Machines.Name | Should -Be 'web', 'db'
        $package | Format-List | Out-String -Width 200 | Should -Match 'web: 1 vCPU, 32 MB, 1 disk, start order 2'
    }

    It 'is planned without a change' {
        Import-VmOva $ova -Name 'lab-{name}' @place -PowerOn -WhatIf | Should -BeNullOrEmpty
        (Send-Order $simulator).Vms | Should -BeNullOrEmpty
    }

    It 'becomes running VMs with the names of the pattern, and is removed' {
        $vms = Import-VmOva $ova -Name 'lab-{name}' @place -PowerOn -ErrorAction Stop
        $vms.Name | Sort-Object | Should -Be 'lab-db', 'lab-web'
        "$($vms.PowerState)" | Should -Be 'On On'
        $there = (Send-Order $simulator).Vms
        $there.Name | Sort-Object | Should -Be 'lab-db', 'lab-web'
        $there | ForEach-Object { @($_.Disks).Count | Should -Be 1 }
        $vms | Remove-VmInstance -Force -Confirm:$false -ErrorAction Stop
        (Send-Order $simulator).Vms | Should -BeNullOrEmpty
    }

    It 'stays one vApp on a vCenter only' {
        $vms = Import-VmOva $ova @place -AsVApp -ErrorVariable failures -ErrorAction SilentlyContinue
        if ($mode -eq 'vcenter') {
            $failures | Should -BeNullOrEmpty
            $vms.Name | Sort-Object | Should -Be 'db', 'web'
        }
        else {
            $failures.FullyQualifiedErrorId | Should -Be 'NotSupportedByHost,VmDeploy.PowerShell.ImportVmOvaCommand'
            (Send-Order $simulator).Vms | Should -BeNullOrEmpty
        }
    }
}
