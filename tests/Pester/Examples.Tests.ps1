# Each script of examples/scripts, run as its help says, and the state of the host afterwards.
BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    $scripts = "$Repository/examples/scripts"
    # The scripts import the module by its name.
    $modules = Split-Path (Split-Path $ModulePath)

    function Get-Target($Simulator) {
        @{ Server = $Simulator.Server; Port = $Simulator.HttpsPort; CertificateThumbprint = $Simulator.Thumbprint }
    }

    # As a scheduler runs a script: its own process, in which nobody answers.
    function Invoke-Alone([string]$Script, [hashtable]$Arguments) {
        $words = foreach ($key in $Arguments.Keys) { "-$key", "$($Arguments[$key])" }
        $path = $env:PSModulePath
        $env:PSModulePath = ($modules, "$TestDrive/Modules", $path) -join [IO.Path]::PathSeparator
        $env:NO_COLOR = '1'
        try {
            $said = & $Pwsh -NoProfile -NonInteractive -File "$scripts/$Script" @words 2>&1 | Out-String
        }
        finally {
            $env:PSModulePath = $path
            $env:NO_COLOR = $null
        }
        @{ Said = $said; ExitCode = $LASTEXITCODE }
    }

    Push-Location "$Repository/examples"
}

AfterAll { Pop-Location }

Describe 'On an ESXi host' {
    BeforeAll {
        $simulator = Start-Simulator
        $target = Get-Target $simulator
        $look = Connect-Simulator $simulator
    }

    AfterAll {
        Disconnect-All
        Stop-Simulator $simulator
    }

    # The scripts log out again: only ours is left.
    AfterEach {
        (Send-Order $simulator).OpenSessions | Should -Be 1
        Clear-Simulator $simulator
    }

    It 'Import-FromJson.ps1 makes what config_question7.json asks for' {
        $vms = & "$scripts/Import-FromJson.ps1" @target -Credential $simulator.Credential -ConfigPath configs/config_question7.json -ErrorAction Stop
        $vms.Name | Sort-Object | Should -Be 'tinyVM1', 'tinyVM2', 'tinyVM3'
        $state = Send-Order $simulator
        $state.Vms.Name | Sort-Object | Should -Be 'tinyVM1', 'tinyVM2', 'tinyVM3'
        $state.Vms.Disks.Count | Should -Be 3
    }

    It 'Import-FromJson.ps1 -WhatIf makes nothing' {
        & "$scripts/Import-FromJson.ps1" @target -Credential $simulator.Credential -ConfigPath configs/config_question7.json -WhatIf -ErrorAction Stop | Should -BeNullOrEmpty
        (Send-Order $simulator).Vms | Should -BeNullOrEmpty
    }

    It 'New-ClonesFromJson.ps1 makes what config_question8.json asks for, <what>' -ForEach @(
        @{ what = 'full'; with = @{}; linked = $false }
        @{ what = 'linked'; with = @{ Linked = $true }; linked = $true }
    ) {
        $vms = & "$scripts/New-ClonesFromJson.ps1" @target @with -Credential $simulator.Credential -ConfigPath configs/config_question8.json -ErrorAction Stop
        $vms.Name | Sort-Object | Should -Be 'tinyVM_clone1', 'tinyVM_clone2', 'tinyVM_clone3', 'tinyVM_clone4'
        $there = (Send-Order $simulator).Vms
        $there.Name | Should -Contain 'tinyVM1'
        $there.Count | Should -Be 5
        $clones = $there | Where-Object Name -Like '*clone*'
        foreach ($disk in $clones.Disks) { [bool]$disk.Parent | Should -Be $linked }
    }

    It 'New-ClonesFromJson.ps1 takes a source that is there' {
        $null = Import-VmOva tinyVM.ova -Name tinyVM1 -Datastore datastore1 -Annotation mine
        $null = & "$scripts/New-ClonesFromJson.ps1" @target -Credential $simulator.Credential -ConfigPath configs/config_question8.json -ErrorAction Stop
        $there = (Send-Order $simulator).Vms
        $there.Count | Should -Be 5
        ($there | Where-Object Name -EQ tinyVM1).Annotation | Should -Be 'mine'
    }

    It 'New-ScratchVm.ps1 makes what config_question9.json asks for, with <what>' -ForEach @(
        @{ what = 'an ISO of the datastore'; with = @{}; iso = '[datastore1] iso/tiny.iso' }
        @{ what = 'a local ISO'; with = @{ IsoPath = 'my boot.iso' }; iso = '[datastore1] iso/my boot.iso' }
    ) {
        Write-Iso "$TestDrive/tiny.iso"
        Copy-Item "$TestDrive/tiny.iso" "$TestDrive/my boot.iso"
        $null = Send-VmDatastoreFile "$TestDrive/tiny.iso" -Datastore datastore1 -Destination iso/ -Force
        if ($with.Count) { $with = @{ IsoPath = Join-Path $TestDrive $with.IsoPath } }
        $vm = & "$scripts/New-ScratchVm.ps1" @target @with -Credential $simulator.Credential -ConfigPath configs/config_question9.json -ErrorAction Stop
        "$($vm.Name) $($vm.PowerState)" | Should -Be 'scratch1 On'
        $there = (Send-Order $simulator).Vms
        $there.PowerState | Should -Be 'poweredOn'
        $there.Disks.Count | Should -Be 1
        $there.Cdroms[0].Iso | Should -Be $iso
        $there.Cdroms[0].Connected | Should -BeTrue
    }
}

Describe 'On a XenServer' {
    BeforeAll {
        $simulator = Start-Simulator @{ mode = 'xenserver'; tools = $true }
        $target = Get-Target $simulator
    }

    AfterAll { Stop-Simulator $simulator }

    It 'New-XenServerVm.ps1 makes what vm_deploy.json asks for, and waits for its address' {
        $vm = & "$scripts/New-XenServerVm.ps1" @target -Credential $simulator.Credential -ConfigPath configs/vm_deploy.json -UserData @{ hostname = 'test-vm-01' } -ErrorAction Stop
        "$($vm.Name) $($vm.PowerState)" | Should -Be 'test-vm-01 On'
        $vm.IpAddress | Should -Match '^\d+\.\d+\.\d+\.\d+$'
        $state = Send-Order $simulator
        $state.OpenSessions | Should -Be 0
        $there = $state.Vms
        $there.Name | Should -Be 'test-vm-01'
        $there.PowerState | Should -Be 'Running'
        $there.CpuCount | Should -Be 2
        $there.MemoryMB | Should -Be 2048
        $there.Disks[0].CapacityBytes | Should -Be 20GB
        # The drive that cloud-init reads.
        $drive = $there.Disks[-1].LocalPath
        [Text.Encoding]::ASCII.GetString([IO.File]::ReadAllBytes($drive)) | Should -Match 'test-vm-01'
    }

    It 'New-XenServerVm.ps1 does not keep a VM back for another that has no address yet' {
        $other = Start-Simulator @{ mode = 'xenserver'; tools = $true; silent = 'node1' }
        try {
            $to = Get-Target $other
            $file = Join-Path $TestDrive 'two.json'
            '{ "template": "alpine-template", "vm_name_prefix": "node", "num_instances": 2 }' | Set-Content $file
            $vm = & "$scripts/New-XenServerVm.ps1" @to -Credential $other.Credential -ConfigPath $file -WaitSec 60 -ErrorAction Stop | Select-Object -First 1
            $vm.Name | Should -Be 'node2'
            (Send-Order $other).Vms.PowerState | Should -Be 'Running', 'Running'
        }
        finally { Stop-Simulator $other }
    }

    It 'New-XenServerVm.ps1 says what is wrong and leaves nothing' {
        $before = (Send-Order $simulator).Inventory
        $file = Join-Path $TestDrive 'job.json'
        '{ "name": "x", "template": "no such template" }' | Set-Content $file
        & "$scripts/New-XenServerVm.ps1" @target -Credential $simulator.Credential -ConfigPath $file -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -Be 'TemplateNotFound,VmDeploy.PowerShell.NewVmFromTemplateCommand'
        (Send-Order $simulator).Inventory | Should -Be $before
    }
}

Describe 'Invoke-ScheduledDeployment.ps1' {
    BeforeAll {
        $simulator = Start-Simulator
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive 'job [1] ünï')
        $simulator.Credential | Export-Clixml -LiteralPath "$folder/login.xml"
        Copy-Item tinyVM.ova -Destination $folder
        Copy-Item configs/config_question7.json -Destination "$folder/job.json"
        $arguments = Get-Target $simulator
        $arguments += @{ LoginFile = "$folder/login.xml"; ConfigPath = "$folder/job.json"; LogPath = "$folder/log.jsonl" }
    }

    AfterAll { Stop-Simulator $simulator }

    It 'makes the VMs, and run again leaves them as they are' {
        $first = Invoke-Alone Invoke-ScheduledDeployment.ps1 $arguments
        $first.ExitCode | Should -Be 0 -Because $first.Said
        $first.Said | Should -Match '3 VMs exist'
        $after = Send-Order $simulator
        $after.Vms.Name | Sort-Object | Should -Be 'tinyVM1', 'tinyVM2', 'tinyVM3'

        $second = Invoke-Alone Invoke-ScheduledDeployment.ps1 $arguments
        $second.ExitCode | Should -Be 0 -Because $second.Said
        $again = Send-Order $simulator
        $again.Vms | ConvertTo-Json -Depth 5 | Should -Be ($after.Vms | ConvertTo-Json -Depth 5)
        $again.BytesUploaded | Should -Be $after.BytesUploaded
        $again.OpenSessions | Should -Be 0
        @((Get-Content -LiteralPath "$folder/log.jsonl" | ConvertFrom-Json).event -eq 'LoggedIn').Count | Should -Be 2
    }

    It 'completes what is missing' {
        $null = Connect-Simulator $simulator
        Remove-VmInstance tinyVM2 -Confirm:$false
        Disconnect-All
        (Invoke-Alone Invoke-ScheduledDeployment.ps1 $arguments).ExitCode | Should -Be 0
        (Send-Order $simulator).Vms.Name | Sort-Object | Should -Be 'tinyVM1', 'tinyVM2', 'tinyVM3'
    }

    It 'exits with 1 when a job fails, and does the others' {
        '[{ "ovf_path": "none.ova" }, { "ovf_path": "tinyVM.ova", "name": "other", "datastore": "datastore1" }]' | Set-Content -LiteralPath "$folder/two.json"
        $with = $arguments + @{}
        $with.ConfigPath = "$folder/two.json"
        $run = Invoke-Alone Invoke-ScheduledDeployment.ps1 $with
        $run.ExitCode | Should -Be 1 -Because $run.Said
        $run.Said | Should -Match 'none\.ova'
        (Send-Order $simulator).Vms.Name | Should -Contain 'other'
    }

    It 'exits with 2 when nothing can be done: <what>' -ForEach @(
        @{ what = 'no such server'; with = @{ Port = 1 }; says = 'reached' }
        @{ what = 'no login'; with = @{ LoginFile = 'none.xml' }; says = 'none.xml' }
        @{ what = 'no file'; with = @{ ConfigPath = 'none.json' }; says = 'none.json' }
        @{ what = 'no job'; json = '[]'; with = @{ ConfigPath = 'empty.json' }; says = 'No job found in' }
        @{ what = 'no job, but null'; json = 'null'; with = @{ ConfigPath = 'empty.json' }; says = 'No job found in' }
        @{ what = 'no such folder'; with = @{ WorkingDirectory = 'none-such' }; says = 'none-such' }
    ) {
        $before = (Send-Order $simulator).Vms.Count
        if ($json) { $with = @{ ConfigPath = New-Item "$TestDrive/empty.json" -Value $json -Force } }
        $changed = $arguments + @{}
        foreach ($key in $with.Keys) { $changed[$key] = $with[$key] }
        $run = Invoke-Alone Invoke-ScheduledDeployment.ps1 $changed
        $run.ExitCode | Should -Be 2 -Because $run.Said
        $run.Said | Should -Match $says
        $after = Send-Order $simulator
        $after.Vms.Count | Should -Be $before
        $after.OpenSessions | Should -Be 0
    }
}

Describe 'Import-WithVaultSecret.ps1' {
    BeforeAll {
        $simulator = Start-Simulator
        $login = "$TestDrive/login.xml"
        $simulator.Credential | Export-Clixml $login
        # A vault with the interface of Microsoft.PowerShell.SecretManagement.
        $vault = New-Item -ItemType Directory "$TestDrive/Modules/Microsoft.PowerShell.SecretManagement"
        @"
function Get-Secret {
    [CmdletBinding()]
    param([Parameter(Mandatory)][string]`$Name, [string]`$Vault, [switch]`$AsPlainText)
    if (`$Vault -and `$Vault -ne 'lab') { throw "No vault '`$Vault'." }
    switch (`$Name) {
        'esxi' { Import-Clixml '$login' }
        'text' { if (`$AsPlainText) { 'a text' } else { [securestring]::new() } }
        default { Write-Error "The secret `$Name was not found." }
    }
}
"@ | Set-Content "$vault/Microsoft.PowerShell.SecretManagement.psm1"
        New-ModuleManifest "$vault/Microsoft.PowerShell.SecretManagement.psd1" -RootModule Microsoft.PowerShell.SecretManagement.psm1 -FunctionsToExport Get-Secret -ModuleVersion 1.1.2
        $arguments = Get-Target $simulator
        $arguments += @{ Path = "$Repository/examples/tinyVM.ova"; Datastore = 'datastore1'; SecretName = 'esxi' }
    }

    AfterAll { Stop-Simulator $simulator }

    It 'logs in with what the vault gives, and shows none of it' {
        $run = Invoke-Alone Import-WithVaultSecret.ps1 ($arguments + @{ Vault = 'lab' })
        $run.ExitCode | Should -Be 0 -Because $run.Said
        $run.Said | Should -Match 'tinyVM\s+Off'
        $run.Said | Should -Not -Match ([regex]::Escape($simulator.Password))
        $state = Send-Order $simulator
        $state.Vms.Name | Should -Be 'tinyVM'
        $state.OpenSessions | Should -Be 0
    }

    It 'says so when the secret is <what>' -ForEach @(
        @{ what = 'not there'; name = 'nothing'; says = 'nothing was not found' }
        @{ what = 'no credential'; name = 'text'; says = 'is not a PSCredential' }
    ) {
        $changed = $arguments + @{}
        $changed.SecretName = $name
        $run = Invoke-Alone Import-WithVaultSecret.ps1 $changed
        $run.ExitCode | Should -Not -Be 0
        $run.Said -replace '\s+', ' ' -replace '\| ' | Should -Match $says
    }
}

Describe 'Import-OnManyHosts.ps1' {
    BeforeAll {
        $simulators = 1..3 | ForEach-Object { Start-Simulator }
        $credential = $simulators[0].Credential
        $list = Join-Path $TestDrive 'hosts.csv'
        $simulators | ForEach-Object { [pscustomobject]@{ Server = $_.Server; Port = $_.HttpsPort; CertificateThumbprint = $_.Thumbprint; Datastore = 'datastore2' } } |
            Export-Csv $list
    }

    AfterAll { $simulators | ForEach-Object { Stop-Simulator $_ } }

    It 'imports on each host, and one that fails does not stop the others' {
        $null = Send-Order $simulators[1] @{ do = 'fail'; method = 'ImportVApp'; fault = 'InvalidState' }
        $made = & "$scripts/Import-OnManyHosts.ps1" -HostList (Import-Csv $list) -Credential $credential -Path tinyVM.ova -Name probe -ErrorVariable failed -ErrorAction SilentlyContinue
        $made.Name | Should -Be 'probe', 'probe'
        $failed.Count | Should -Be 1
        $there = $simulators | ForEach-Object { Send-Order $_ }
        $there[0].Vms.Name, $there[2].Vms.Name | Should -Be 'probe', 'probe'
        $there[1].Vms | Should -BeNullOrEmpty
        $there.OpenSessions | Should -Be 0, 0, 0
        $there[0].Files | Should -Contain '[datastore2] probe/probe.vmx'
    }

    It 'stops all imports after Ctrl+C, and leaves nothing of them' {
        foreach ($one in $simulators) { $null = Send-Order $one @{ do = 'rate'; bytesPerSecond = 2000 } }
        $before = ($simulators | ForEach-Object { Send-Order $_ }).Vms.Count
        $shell = [powershell]::Create()
        # Two calls: PowerShell's own thread of several statements fails when the shell is disposed.
        $null = $shell.AddScript("Import-Module '$ModulePath'").Invoke()
        $shell.Commands.Clear()
        $null = $shell.AddCommand("$scripts/Import-OnManyHosts.ps1").AddParameters(@{
                HostList = Import-Csv $list; Credential = $credential; Path = "$Repository/examples/tinyVM.ova"; Name = 'halved'
            })
        $null = $shell.BeginInvoke()
        Wait-Until { -not ($simulators | Where-Object { (Send-Order $_).OpenLeases -ne 1 }) }
        $shell.Stop()
        $shell.Dispose()
        $after = $simulators | ForEach-Object { Send-Order $_ }
        $after.OpenLeases | Should -Be 0, 0, 0
        $after.OpenSessions | Should -Be 0, 0, 0
        $after.Vms.Count | Should -Be $before
        foreach ($one in $simulators) { $null = Send-Order $one @{ do = 'clear' } }
    }

    It 'serves them one after the other where there is no Start-ThreadJob' {
        Mock Get-Command { }
        $made = & "$scripts/Import-OnManyHosts.ps1" -HostList (Import-Csv $list) -Credential $credential -Path tinyVM.ova -Name second -ErrorAction Stop
        Should -Invoke Get-Command -Times 1 -Exactly
        $made.Name | Should -Be 'second', 'second', 'second'
        ($simulators | ForEach-Object { Send-Order $_ }).Vms.Name | Where-Object { $_ -eq 'second' } | Should -HaveCount 3
    }
}

Describe 'Each example' {
    It '<_.BaseName> has help that says what it does, with examples and every parameter' -ForEach @(Get-ChildItem "$PSScriptRoot/../../examples/scripts" -Filter *.ps1) {
        $help = Get-Help $_.FullName
        $help.Synopsis | Should -Not -Match ([regex]::Escape($_.Name))
        $help.Description | Should -Not -BeNullOrEmpty
        @($help.Examples.Example).Count | Should -BeGreaterOrEqual 1
        foreach ($parameter in $help.parameters.parameter | Where-Object name -NotIn 'WhatIf', 'Confirm') {
            $parameter.Description.Text | Should -Not -BeNullOrEmpty -Because $parameter.name
        }
    }

    It '<_.BaseName> is in the module' -ForEach @(Get-ChildItem "$PSScriptRoot/../../examples/scripts" -Filter *.ps1) {
        Test-Path -LiteralPath (Join-Path (Split-Path $ModulePath) "examples/scripts/$($_.Name)") | Should -BeTrue
    }
}
