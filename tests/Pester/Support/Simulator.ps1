function Get-SimulatorHost {
    $program = Get-ChildItem "$Repository/tests/Pester/SimulatorHost/bin/*/net*/SimulatorHost.dll" |
        Sort-Object LastWriteTime | Select-Object -Last 1
    if (-not $program) { throw 'The simulator is not built: dotnet build tests/Pester/SimulatorHost' }
    $program
}

# A host on loopback, in its own process: an ESXi host, or what mode says (vcenter, xenserver).
function Start-Simulator([hashtable]$Setup = @{}) {
    $program = Get-SimulatorHost
    $start = [Diagnostics.ProcessStartInfo]::new('dotnet', "`"$($program.FullName)`"")
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
    $start.UseShellExecute = $false
    $process = [Diagnostics.Process]::Start($start)
    $process.StandardInput.WriteLine((ConvertTo-Json $Setup -Compress))
    $process.StandardInput.Flush()
    $simulator = $process.StandardOutput.ReadLine() | ConvertFrom-Json
    Add-Member -InputObject $simulator -NotePropertyMembers @{
        Process    = $process
        Credential = [pscredential]::new($simulator.UserName, (ConvertTo-SecureString $simulator.Password -AsPlainText -Force))
    }
    $simulator
}

# Sends an order, and returns the state of the simulator afterwards.
function Send-Order($Simulator, [hashtable]$Order = @{ do = 'state' }) {
    $Simulator.Process.StandardInput.WriteLine((ConvertTo-Json $Order -Compress))
    $Simulator.Process.StandardInput.Flush()
    $answer = $Simulator.Process.StandardOutput.ReadLine()
    if ($null -eq $answer) { throw 'The simulator has ended.' }
    ConvertFrom-Json $answer
}

function Stop-Simulator($Simulator) {
    if (-not $Simulator) { return }
    $Simulator.Process.StandardInput.Close()
    $Simulator.Process.WaitForExit()
    if ($Simulator.Process.ExitCode) { throw "$($Simulator.Process.ExitCode) requests were not as the official schema wants them." }
}

# Checks the requests of a trace that vcsim has written.
function Assert-Schema([string]$Trace) {
    dotnet (Get-SimulatorHost) --validate $Trace
    if ($LASTEXITCODE) { throw "$LASTEXITCODE requests were not as the official schema wants them." }
}

function Connect-Simulator($Simulator) {
    $connect = if ($Simulator.Kind -eq 'XenServer') { 'Connect-Xapi' } else { 'Connect-Esxi' }
    & $connect $Simulator.Server $Simulator.Credential -Port $Simulator.HttpsPort -CertificateThumbprint $Simulator.Thumbprint
}

function Disconnect-All {
    foreach ($session in Get-VmSession) {
        if ($session.Kind -eq 'XenServer') { Disconnect-Xapi $session } else { Disconnect-Esxi $session }
    }
}

# Removes every VM, so that a test begins with none.
function Clear-Simulator($Simulator) {
    $null = Send-Order $Simulator @{ do = 'clear' }
    # Twice, because a VM can be removed only after its linked clones.
    Get-VmInstance | Remove-VmInstance -Force -Confirm:$false -ErrorAction Ignore
    Get-VmInstance | Remove-VmInstance -Force -Confirm:$false
}

# Runs a script in a new PowerShell, connected to the simulator, and returns all that it prints.
function Invoke-Child($Simulator, [string]$Script, [string]$Answers = '', [switch]$NoDisconnect) {
    $file = Join-Path $TestDrive 'child.ps1'
    @"
`$PSStyle.OutputRendering = 'PlainText'
Import-Module '$ModulePath'
`$credential = [pscredential]::new('$($Simulator.UserName)', (ConvertTo-SecureString '$($Simulator.Password)' -AsPlainText -Force))
`$session = Connect-$(if ($Simulator.Kind -eq 'XenServer') { 'Xapi' } else { 'Esxi' }) $($Simulator.Server) `$credential -Port $($Simulator.HttpsPort) -CertificateThumbprint $($Simulator.Thumbprint)
$Script
"@ | Set-Content $file
    $Answers | & $Pwsh -NoProfile -File $file 2>&1 | Out-String
}

# A file that counts as an ISO image: 40 KiB with the identifier of ISO 9660 in sector 16.
function Write-Iso([string]$Path) {
    $content = [byte[]]::new(40960)
    [Text.Encoding]::ASCII.GetBytes('CD001').CopyTo($content, 16 * 2048 + 1)
    [IO.File]::WriteAllBytes($Path, $content)
}
