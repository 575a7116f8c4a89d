using System.Diagnostics;
using VmDeploy.Tests.Support;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Programs of this repository in separate processes, with redirected streams.</summary>
internal static class EngineScript
{
    /// <summary>An engine of PowerShell that runs the script on its standard input.</summary>
    public const string Program = "tests/EngineProcess/bin/{0}/net10.0/EngineProcess.dll";

    /// <summary>Starts a script in an engine.</summary>
    public static Process Start(string script) => Start(Program, script);

    /// <summary>Starts a program; <c>{0}</c> in its path is the configuration of this build.</summary>
    public static Process Start(string program, string input, params string[] arguments)
    {
        var configuration = Directory.GetParent(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar))!.Name;
        var start = new ProcessStartInfo("dotnet", [Repository.Path(string.Format(null, program, configuration)), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return process;
    }
}
