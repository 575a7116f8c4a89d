namespace VmDeploy.Simulator;

/// <summary>A simulator that listens; disposing stops it.</summary>
public interface IRunningSimulator : IAsyncDisposable
{
    /// <summary>Endpoints, thumbprints and login in a few lines, for the user.</summary>
    IEnumerable<string> Describe();
}
