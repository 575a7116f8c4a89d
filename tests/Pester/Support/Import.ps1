# Dot-sourced by every test file: the module in its published layout, and small helpers.
$Repository = (Resolve-Path "$PSScriptRoot/../../..").Path
$ModulePath = Join-Path $Repository 'out/VmDeploy/VmDeploy.psd1'
if (-not (Test-Path $ModulePath)) { throw "There is no module in out/VmDeploy. Build it: dotnet build src/VmDeploy" }
Import-Module $ModulePath -ErrorAction Stop
# The files run in one process, and each starts without the settings of another.
$PSDefaultParameterValues.Clear()

# Another PowerShell like this one. (As a .NET tool, pwsh runs in a process of dotnet.)
$Pwsh = if ((Split-Path -LeafBase ([Environment]::ProcessPath)) -eq 'dotnet') { 'pwsh' } else { [Environment]::ProcessPath }

# Waits for something that happens on another thread or process; a test that waits in vain fails.
function Wait-Until([scriptblock]$Condition, [int]$Seconds = 30) {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($clock.Elapsed.TotalSeconds -gt $Seconds) { throw "After $Seconds seconds still not: $Condition" }
        Start-Sleep -Milliseconds 20
    }
}
