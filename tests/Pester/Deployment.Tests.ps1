# A lab in one file, on every kind of host; the results are read from the simulator.
Describe 'A deployment on <mode>' -ForEach @(@{ mode = 'esxi' }, @{ mode = 'vcenter' }, @{ mode = 'xenserver' }) {
    BeforeAll {
        . "$PSScriptRoot/Support/Import.ps1"
        . "$PSScriptRoot/Support/Simulator.ps1"
        $simulator = Start-Simulator @{ mode = $mode; tools = $true }
        $session = Connect-Simulator $simulator
        $file = "$TestDrive/$mode.json"
        Copy-Item "$Repository/examples/tinyVM.ova" "$TestDrive/$mode.ova"

        # The shipped example, on this host.
        function Write-Lab([scriptblock]$Change = {}) {
            $lab = Get-Content "$Repository/examples/deployments/simulator.json" -Raw | ConvertFrom-Json -AsHashtable
            $lab.hosts.sim = @{ server = $session.Server; port = $session.Port; kind = $mode }
            $lab.defaults.ovf_path = "./$mode.ova"
            $lab.defaults.datastore = (Get-VmDatastore 'datastore1', 'Local storage' -ErrorAction Ignore).Name
            $lab.defaults.host_name = (Get-VmHypervisor | Select-Object -Last 1).Name
            & $Change $lab
            $lab | ConvertTo-Json -Depth 9 | Set-Content $file
        }
        Write-Lab
    }

    AfterAll {
        Disconnect-All
        Stop-Simulator $simulator
    }

    It 'is planned without a change' {
        (Test-VmDeployment $file).Status | Sort-Object -Unique | Should -Be 'Missing'
        Invoke-VmDeployment $file -WhatIf | Should -BeNullOrEmpty
        (Send-Order $simulator).Vms | Should -BeNullOrEmpty
    }

    It 'becomes running machines, dependencies first, and a second run changes nothing' {
        $made = Invoke-VmDeployment $file -ErrorAction Stop
        $made[0].Name | Should -Be 'db'
        (Send-Order $simulator).Vms.Name | Sort-Object | Should -Be 'db', 'web1', 'web2'
        "$((Get-VmInstance).PowerState)" | Should -Be 'On On On'
        (Invoke-VmDeployment $file -ErrorAction Stop).Action | Sort-Object -Unique | Should -Be 'None'
        Test-VmDeployment $file -Quiet | Should -BeTrue
    }

    It 'shows what differs in a table, and changes it when a restart is allowed' {
        $PSStyle.OutputRendering = 'PlainText'
        Write-Lab { $args[0].machines.db.memory = 128 }
        Test-VmDeployment $file | Out-String -Width 100 | Should -Match 'db +\S+ +Different +memory: 64 -> 128'
        Invoke-VmDeployment $file -ErrorVariable failures -ErrorAction SilentlyContinue | Out-Null
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'RestartNotAllowed,*'
        Invoke-VmDeployment $file -AllowRestart -Force -Confirm:$false -ErrorAction Stop | Out-Null
        (Get-VmInstance db).MemoryMB | Should -Be 128
        (Get-VmInstance db).PowerState | Should -Be 'On'
    }

    It 'keeps what left the file until it is pruned' {
        Write-Lab { $args[0].machines.db.memory = 128; $args[0].machines.web.count = 1; $args[0].machines.web.name_pattern = '{source}{n}' }
        (Test-VmDeployment $file | Where-Object Status -EQ Extra).Name | Should -Be 'web2'
        Invoke-VmDeployment $file -ErrorAction Stop | Out-Null
        (Get-VmInstance).Name | Should -Contain 'web2'
        Invoke-VmDeployment $file -Prune -Confirm:$false -ErrorAction Stop | Out-Null
        (Get-VmInstance).Name | Should -Not -Contain 'web2'
    }

    It 'tells a scheduler by its exit code' {
        $script = "Import-Module '$ModulePath'; `$login = Import-Clixml '$TestDrive/login.xml'; if (-not (Test-VmDeployment '$file' -Quiet -Credential `$login)) { exit 3 }"
        $simulator.Credential | Export-Clixml "$TestDrive/login.xml"
        Write-Lab { $args[0].hosts.sim.thumbprint = $simulator.Thumbprint; $args[0].machines.db.memory = 256 }
        & $Pwsh -NoProfile -NonInteractive -Command $script
        $LASTEXITCODE | Should -Be 3
    }

    It 'never prompts without a terminal' {
        $script = "Import-Module '$ModulePath'; `$login = Import-Clixml '$TestDrive/login.xml'; Remove-VmDeployment '$file' -Credential `$login; Remove-VmDeployment '$file' -Credential `$login -WhatIf"
        $output = '' | & $Pwsh -NoProfile -Command $script 2>&1 | Out-String
        $output | Should -Match 'must be confirmed, and standard input is not a terminal'
        $output | Should -Match 'What if: .*Delete with its disks'
        (Send-Order $simulator).Vms.Name | Should -Contain 'db'
    }

    It 'is removed' {
        Remove-VmDeployment $file -Confirm:$false -ErrorAction Stop | Out-Null
        (Send-Order $simulator).Vms | Should -BeNullOrEmpty
    }
}
