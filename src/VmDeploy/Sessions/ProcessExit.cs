using System.Reflection;

namespace VmDeploy.PowerShell;

/// <summary>The end of the process: a regular exit, and the signals SIGTERM and SIGHUP (on Windows: a console window that is closed).</summary>
internal static class ProcessExit
{
    private static readonly string[] s_signals = ["SIGTERM", "SIGHUP"];

    /// <summary>Runs an action before the process ends, until the result is disposed.</summary>
    public static IDisposable Register(Action action)
    {
        EventHandler handler = (_, _) => action();
        AppDomain.CurrentDomain.ProcessExit += handler;
        return new Registration(handler, [.. s_signals.Select(signal => OnSignal(signal, action)).OfType<IDisposable>()]);
    }

    // .NET Standard has no signals, and since .NET 10 a signal is not a regular exit any more. .NET Framework has no signals.
    private static IDisposable? OnSignal(string signal, Action action)
    {
        if (Type.GetType("System.Runtime.InteropServices.PosixSignalRegistration, System.Runtime.InteropServices") is not { } registration)
            return null;
        var create = registration.GetMethod("Create")!;
        var parameters = create.GetParameters();
        var handler = typeof(ProcessExit).GetMethod(nameof(Handler), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(parameters[1].ParameterType.GetGenericArguments())
            .Invoke(null, [action]);
        return (IDisposable?)create.Invoke(null, [Enum.Parse(parameters[0].ParameterType, signal), handler]);
    }

    // After the action the process ends as usual.
    private static Action<T> Handler<T>(Action action) => _ => action();

    private sealed class Registration(EventHandler handler, IReadOnlyList<IDisposable> signals) : IDisposable
    {
        public void Dispose()
        {
            AppDomain.CurrentDomain.ProcessExit -= handler;
            foreach (var signal in signals)
                signal.Dispose();
        }
    }
}
