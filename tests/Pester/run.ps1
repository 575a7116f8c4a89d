<#
.SYNOPSIS
Builds the module and the simulator, and runs all Pester tests. The last line says how it went; the exit code is the number of failures.
#>
param(
    # Which test files, by name.
    [string]$Filter = '*',
    [switch]$NoBuild
)

$ErrorActionPreference = 'Stop'
$root = (Resolve-Path "$PSScriptRoot/../..").Path
if (-not $NoBuild) {
    foreach ($project in 'src/VmDeploy', 'tests/Pester/SimulatorHost') {
        dotnet build "$root/$project" -v q --nologo -nodeReuse:false
        if ($LASTEXITCODE) { exit 1 }
    }
}

Import-Module Pester -MinimumVersion 5.0
$configuration = New-PesterConfiguration
$configuration.Run.Path = @(Get-ChildItem "$PSScriptRoot/$Filter.Tests.ps1").FullName
$configuration.Run.PassThru = $true
$configuration.Output.CIFormat = 'None'
$result = Invoke-Pester -Configuration $configuration
# A file that can't be read at all has no failed test.
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
"$($result.PassedCount) passed, $failed failed, $($result.SkippedCount) skipped"
exit $failed
