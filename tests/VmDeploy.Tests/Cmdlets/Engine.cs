using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Security;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;
using Shell = System.Management.Automation.PowerShell;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>
/// A runspace of the real PowerShell engine with the module imported from <c>out/VmDeploy</c>. The engine package holds the
/// language and the core cmdlets (ForEach-Object, Where-Object, Get-Command ...); <see cref="ShellCommands"/> adds what tests
/// need of the rest. The types of the module and of this project are the same, so objects need no reflection:
/// <code>
/// using var engine = Engine.Start();
/// await engine.ConnectAsync(simulator);                    // also sets $session
/// var run = await engine.RunAsync("Get-VmInstance web* | Stop-VmInstance -WhatIf");
/// Assert.Contains("web1", run.HostText);
/// </code>
/// </summary>
internal sealed class Engine : IDisposable
{
    private readonly Runspace _runspace;
    private readonly List<Action> _contracts = [];

    private Engine(Runspace runspace, EngineHost host)
    {
        _runspace = runspace;
        Host = host;
    }

    /// <summary>Where the module was built.</summary>
    public static string ModulePath => Repository.Path("out/VmDeploy/VmDeploy.psd1");

    /// <summary>The engine's host instead of a terminal; answers to questions are queued there.</summary>
    public EngineHost Host { get; }

    /// <summary>The runspace, for what scripts can't do.</summary>
    public Runspace Runspace => _runspace;

    /// <summary>A variable of the runspace.</summary>
    public object? this[string variable]
    {
        get => _runspace.SessionStateProxy.GetVariable(variable);
        set => _runspace.SessionStateProxy.SetVariable(variable, value);
    }

    /// <summary>Opens a runspace, for tests of the import itself without the module.</summary>
    public static Engine Start(bool importModule = true)
    {
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        state.Variables.Add(new SessionStateVariableEntry("PSModuleAutoLoadingPreference", "None", null));
        ShellCommands.AddTo(state);
        if (importModule)
            state.ImportPSModule([ModulePath]);
        var host = new EngineHost();
        var runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        runspace.Open();
        var engine = new Engine(runspace, host);
        if (importModule)
            Assert.Equal("VmDeploy", engine.RunAsync("(Get-Module VmDeploy).Name").GetAwaiter().GetResult().Single<string>());
        return engine;
    }

    /// <summary>Logs in with the module's own cmdlet; the session is also in <c>$session</c>.</summary>
    /// <param name="more">More parameters, as on the command line.</param>
    public Task<VmSession> ConnectAsync(EsxiSimulator simulator, string more = "")
    {
        _contracts.Add(() => WireContract.Check(simulator));
        return ConnectAsync("Connect-Esxi", simulator.Server, simulator.HttpsPort, simulator.Thumbprint, Credential(simulator.UserName, simulator.Password), more);
    }

    /// <inheritdoc cref="ConnectAsync(EsxiSimulator, string)"/>
    public Task<VmSession> ConnectAsync(XapiSimulator simulator, string more = "")
    {
        _contracts.Add(() => WireContract.Check(simulator));
        return ConnectAsync("Connect-Xapi", simulator.Server, simulator.HttpsPort, simulator.Thumbprint, Credential(simulator.UserName, simulator.Password), more);
    }

    /// <summary>Logs in to any vSphere server, without a check of its certificate.</summary>
    public Task<VmSession> ConnectAsync(ConnectOptions options) =>
        ConnectAsync("Connect-Esxi", options.Server, options.Port!.Value, null, Credential(options.Credential.UserName, options.Credential.Password), "-WarningAction SilentlyContinue");

    /// <summary>A user and a password, as Get-Credential gives them.</summary>
    public static PSCredential Credential(string userName, string password) => new(userName, Secret(password));

    /// <summary>A SecureString.</summary>
    public static SecureString Secret(string text)
    {
        var secret = new SecureString();
        foreach (var letter in text)
            secret.AppendChar(letter);
        return secret;
    }

    /// <summary>Runs a script to its end; input is piped into <c>$input</c>.</summary>
    public Task<EngineResult> RunAsync(string script, params IEnumerable<object?> input) => Begin(script, input).ResultAsync();

    /// <summary>Runs a script that must write no error.</summary>
    public async Task<EngineResult> MustRunAsync(string script, params IEnumerable<object?> input)
    {
        var result = await RunAsync(script, input);
        Assert.True(result.Errors.Count == 0, $"{script}\n{string.Join("\n", result.Errors.Select(EngineResult.Describe))}");
        return result;
    }

    /// <summary>Starts a script, to be stopped or awaited.</summary>
    public EngineRun Begin(string script, params IEnumerable<object?> input)
    {
        var shell = Shell.Create(_runspace);
        shell.AddScript(script);
        return new EngineRun(shell, Host, input);
    }

    /// <summary>Closes the runspace, and checks what it sent against the schema and the datamodel.</summary>
    public void Dispose()
    {
        _runspace.Dispose();
        _contracts.ForEach(check => check());
    }

    private async Task<VmSession> ConnectAsync(string command, string server, int port, string? thumbprint, PSCredential credential, string more)
    {
        this["credential"] = credential;
        var check = thumbprint is null ? "-SkipCertificateCheck" : $"-CertificateThumbprint {thumbprint}";
        var run = await MustRunAsync($"{command} {server} $credential -Port {port} {check} {more}");
        var session = run.Single<VmSession>();
        this["session"] = session;
        return session;
    }
}

/// <summary>A running script.</summary>
internal sealed class EngineRun
{
    private readonly Shell _shell;
    private readonly EngineHost _host;
    private readonly int _hostLines;
    private readonly PSDataCollection<PSObject> _output = [];
    private readonly Task<PSDataCollection<PSObject>> _running;

    public EngineRun(Shell shell, EngineHost host, IEnumerable<object?> input)
    {
        _shell = shell;
        _host = host;
        _hostLines = host.Lines.Count;
        var piped = new PSDataCollection<object?>();
        foreach (var item in input)
            piped.Add(item);
        piped.Complete();
        _running = shell.InvokeAsync(piped, _output);
    }

    /// <summary>The output so far; it grows while the script runs.</summary>
    public PSDataCollection<PSObject> Output => _output;

    /// <summary>Errors, warnings and the rest so far.</summary>
    public PSDataStreams Streams => _shell.Streams;

    /// <summary>Whether it still runs.</summary>
    public bool IsRunning => !_running.IsCompleted;

    /// <summary>Stops it, as Ctrl+C does, and returns when the engine has stopped.</summary>
    public Task StopAsync() => _shell.StopAsync(null, null);

    /// <summary>Waits for the end; a terminating error is the last of the errors.</summary>
    public async Task<EngineResult> ResultAsync()
    {
        var wasStopped = false;
        ErrorRecord? fatal = null;
        try
        {
            await _running;
        }
        catch (PipelineStoppedException)
        {
            wasStopped = true;
        }
        catch (RuntimeException e)
        {
            fatal = e.ErrorRecord;
        }
        var result = new EngineResult(
            [.. _output],
            [.. _shell.Streams.Error.Concat(fatal is null ? [] : [fatal])],
            [.. _shell.Streams.Warning.Select(record => record.Message)],
            [.. _shell.Streams.Verbose.Select(record => record.Message)],
            [.. _shell.Streams.Debug.Select(record => record.Message)],
            [.. _shell.Streams.Progress],
            string.Join("\n", _host.Lines.Skip(_hostLines)),
            wasStopped);
        _shell.Dispose();
        return result;
    }
}

/// <summary>Everything that a script wrote.</summary>
/// <param name="Output">Objects, in their wrappers.</param>
/// <param name="Errors">Errors; a terminating one is the last.</param>
/// <param name="Warnings">Warnings.</param>
/// <param name="Verbose">Verbose messages.</param>
/// <param name="Debug">Debug messages.</param>
/// <param name="Progress">Every record of a progress bar.</param>
/// <param name="HostText">What was written to the host itself, such as the lines of -WhatIf and the questions.</param>
/// <param name="WasStopped">The script was stopped.</param>
internal sealed record EngineResult(
    IReadOnlyList<PSObject> Output,
    IReadOnlyList<ErrorRecord> Errors,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Verbose,
    IReadOnlyList<string> Debug,
    IReadOnlyList<ProgressRecord> Progress,
    string HostText,
    bool WasStopped)
{
    /// <summary>The output, unwrapped.</summary>
    public IReadOnlyList<object> Values => [.. Output.Select(item => item.BaseObject)];

    /// <summary>The ids of the errors, without the cmdlet's name behind the comma.</summary>
    public IReadOnlyList<string> ErrorIds => [.. Errors.Select(IdOf)];

    /// <summary>The only object of the output.</summary>
    public T Single<T>() => Assert.IsAssignableFrom<T>(Assert.Single(Values));

    /// <summary>The output, all of one type.</summary>
    public IReadOnlyList<T> All<T>() => [.. Values.Select(value => Assert.IsAssignableFrom<T>(value))];

    /// <summary>The only error, which must have this id.</summary>
    public ErrorRecord Error(string id)
    {
        var error = Assert.Single(Errors);
        Assert.True(IdOf(error) == id, $"Expected the error {id}, found {Describe(error)}");
        return error;
    }

    /// <summary>An error with its id and advice, for the message of a failed test.</summary>
    public static string Describe(ErrorRecord error) =>
        $"{error.FullyQualifiedErrorId}: {error.Exception.Message} {error.ErrorDetails?.RecommendedAction}";

    private static string IdOf(ErrorRecord error) => error.FullyQualifiedErrorId.Split(',')[0];
}
