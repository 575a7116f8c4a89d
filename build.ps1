<#
.SYNOPSIS
Builds, tests, packs and installs VmDeploy.

.DESCRIPTION
Build    compiles the module into out/VmDeploy, as PowerShell imports it.
Test     runs the .NET tests, and the Pester tests in this PowerShell.
Pack     builds out/VmDeploy from scratch in Release, with assemblies that are compiled ahead of time for PowerShell 7 on some
         runtimes, and checks it: that folder can be published.
Install  copies the packed folder to the current user's modules.

.PARAMETER Task
The tasks, in this order.

.PARAMETER Destination
The folder to pack into, named VmDeploy; by default out/VmDeploy.

.PARAMETER Runtime
The .NET runtime identifiers that Pack compiles for. On any other runtime, and on Windows PowerShell, the module runs as well,
but the first use of a cmdlet takes longer.

.PARAMETER ProjectUri
Address of the project's page, which Pack writes into the manifest, for galleries.

.EXAMPLE
./build.ps1 Pack, Install
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Pack', 'Install')]
    [string[]]$Task = 'Build',

    [string]$Destination = (Join-Path $PSScriptRoot 'out/VmDeploy'),

    [AllowEmptyCollection()]
    [string[]]$Runtime = ('win-x64', 'linux-x64', 'osx-arm64'),

    [uri]$ProjectUri
)

$ErrorActionPreference = 'Stop'
$module = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Destination)
$runtimes = $Runtime
$packing = '-c', 'Release', "-p:ModuleFolder=$module/", "-p:PackageProjectUrl=$ProjectUri", '-p:DebugType=none'

function Invoke-Dotnet {
    & dotnet @args
    if ($LASTEXITCODE) { throw "dotnet $args failed with exit code $LASTEXITCODE." }
}

function Build {
    Invoke-Dotnet build "$PSScriptRoot/src/VmDeploy" --nologo -v q
}

function Test {
    Invoke-Dotnet test "$PSScriptRoot/tests/VmDeploy.Tests" --nologo
    & "$PSScriptRoot/tests/Pester/run.ps1"
    if ($LASTEXITCODE) { throw "$LASTEXITCODE Pester tests failed." }
}

function Pack {
    if (Test-Path -LiteralPath $module) { Remove-Item -LiteralPath $module -Recurse }
    Invoke-Dotnet build "$PSScriptRoot/src/VmDeploy" --nologo -v q @packing
    foreach ($one in $runtimes) { Invoke-Dotnet publish "$PSScriptRoot/src/VmDeploy.ReadyToRun" --nologo -v q -r $one @packing }
    $manifest = Test-ModuleManifest "$module/VmDeploy.psd1"
    $stubs = Get-ChildItem $module -Recurse -Filter 'System.Management.Automation*'
    if ($stubs) { throw "A stub of PowerShell is in the package: $stubs" }
    Write-Output "VmDeploy $($manifest.Version) is in $module"
}

function Install {
    if (-not (Test-Path "$module/VmDeploy.psd1")) { Pack }
    $version = (Test-ModuleManifest "$module/VmDeploy.psd1").Version
    # The current user's folder is the first of the module path, on Windows PowerShell and on PowerShell 7 alike.
    $modules = @($env:PSModulePath -split [IO.Path]::PathSeparator)[0]
    $target = Join-Path $modules "VmDeploy/$version"
    if (Test-Path -LiteralPath $target) { Remove-Item -LiteralPath $target -Recurse }
    $null = New-Item -ItemType Directory $target
    Get-ChildItem -LiteralPath $module | Copy-Item -Destination $target -Recurse
    Write-Output "Installed in $target"
}

foreach ($step in $Task) { & $step }
