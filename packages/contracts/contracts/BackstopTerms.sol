// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Guarded} from "./Guarded.sol";

/// @title BackstopTerms
/// @notice What a backstop pays and takes. The more fragile the market is said to be, the better capital is paid: junior's
///         share of income and the greatest discount rise with the reported reflexivity n, between bounds that are set
///         once. What is reported moves in steps and is forgotten when it is old.
/// @dev Rates in ppm, USD × 1e18, times in seconds.
abstract contract BackstopTerms is Guarded {
    /// @param lotNotional At most so much is on offer at once.
    /// @param inventoryPpm Greatest inventory by the capital behind it.
    /// @param penaltyPpm What an account pays, of the notional, for being inherited.
    /// @param callerPpm Who calls for it gets so much of the penalty.
    /// @param juniorLowPpm Junior's share of income while n is low; juniorHighPpm while it is high.
    /// @param discountLowPpm Greatest discount while n is low; discountHighPpm while it is high. A price never falls below
    ///        the mark less this, nor less what was left behind for what is sold.
    /// @param auctionSeconds How long a discount takes to rise from none to the greatest.
    /// @param reportSeconds How long a report of n holds.
    /// @param cooldownSeconds How long queued shares wait.
    /// @param exitSeconds How long they may leave after that.
    struct Terms {
        uint128 lotNotional;
        uint32 inventoryPpm;
        uint32 penaltyPpm;
        uint32 callerPpm;
        uint32 juniorLowPpm;
        uint32 juniorHighPpm;
        uint32 discountLowPpm;
        uint32 discountHighPpm;
        uint32 auctionSeconds;
        uint32 reportSeconds;
        uint32 cooldownSeconds;
        uint32 exitSeconds;
    }

    /// @notice Up to here n is low.
    uint256 public constant LOW_PPM = 500_000;
    /// @notice From here on it is high.
    uint256 public constant HIGH_PPM = 800_000;
    /// @notice One report moves n by no more.
    uint256 public constant MAX_STEP_PPM = 250_000;
    /// @notice Between one report and the next.
    uint256 public constant REPORT_GAP_SECONDS = 30;
    /// @notice No discount is greater: a price is never below four fifths of the mark.
    uint256 public constant MAX_DISCOUNT_PPM = 200_000;

    /// @notice Who reports n.
    address public reporter;
    uint32 private _reported;
    uint64 private _reportedAt;
    Terms internal _terms;

    event ReporterChanged(address indexed reporter);
    event ReflexivityReported(uint32 nPpm);

    /// @notice The caller does not report.
    error NotReporter(address caller);
    /// @notice A report comes too soon, or moves too far.
    error ReportRefused(uint256 fromPpm, uint256 toPpm, uint256 notBefore);
    /// @notice A field is out of its bounds.
    error OutOfBounds(string field);

    constructor(Terms memory t, address owner_, address guardian_) Guarded(owner_, guardian_) {
        if (t.lotNotional == 0) revert OutOfBounds("lotNotional");
        if (t.inventoryPpm == 0 || t.inventoryPpm > 10e6) revert OutOfBounds("inventoryPpm");
        if (t.penaltyPpm > 100_000) revert OutOfBounds("penaltyPpm");
        if (t.callerPpm > 200_000) revert OutOfBounds("callerPpm");
        if (t.juniorLowPpm > t.juniorHighPpm || t.juniorHighPpm > 1e6) revert OutOfBounds("juniorPpm");
        if (t.discountLowPpm > t.discountHighPpm || t.discountHighPpm > MAX_DISCOUNT_PPM) {
            revert OutOfBounds("discountPpm");
        }
        if (t.auctionSeconds == 0 || t.auctionSeconds > 7 days) revert OutOfBounds("auctionSeconds");
        if (t.cooldownSeconds == 0 || t.cooldownSeconds > 30 days) revert OutOfBounds("cooldownSeconds");
        if (t.exitSeconds == 0) revert OutOfBounds("exitSeconds");
        _terms = t;
    }

    /// @notice Names who reports n.
    function setReporter(address reporter_) external onlyOwner {
        reporter = reporter_;
        emit ReporterChanged(reporter_);
    }

    /// @notice Reports n, at most one step from what holds now.
    function report(uint32 nPpm) external {
        if (msg.sender != reporter) revert NotReporter(msg.sender);
        uint256 from = reflexivityPpm();
        uint256 step = from < nPpm ? nPpm - from : from - nPpm;
        uint256 notBefore = _reportedAt + REPORT_GAP_SECONDS;
        if (nPpm > 1e6 || step > MAX_STEP_PPM || block.timestamp < notBefore) {
            revert ReportRefused(from, nPpm, notBefore);
        }
        _reported = nPpm;
        _reportedAt = uint64(block.timestamp);
        emit ReflexivityReported(nPpm);
    }

    /// @notice What it was set up with.
    function terms() external view returns (Terms memory) {
        return _terms;
    }

    /// @notice n as it was reported; 0 once the report is old.
    function reflexivityPpm() public view returns (uint256) {
        return block.timestamp < uint256(_reportedAt) + _terms.reportSeconds ? _reported : 0;
    }

    /// @notice Junior's share of income now.
    function juniorSharePpm() public view returns (uint256) {
        return _between(_terms.juniorLowPpm, _terms.juniorHighPpm);
    }

    /// @notice The discount of a lot that has been on offer for so long: none at first, then rising to the greatest.
    function discountAt(uint256 elapsed) public view returns (uint32) {
        uint256 most = _between(_terms.discountLowPpm, _terms.discountHighPpm);
        return uint32(Math.min(most, Math.mulDiv(most, elapsed, _terms.auctionSeconds)));
    }

    /// @dev From low to high as n goes from LOW_PPM to HIGH_PPM.
    function _between(uint256 low, uint256 high) private view returns (uint256) {
        uint256 n = reflexivityPpm();
        if (n <= LOW_PPM) return low;
        if (n >= HIGH_PPM) return high;
        return low + Math.mulDiv(high - low, n - LOW_PPM, HIGH_PPM - LOW_PPM);
    }
}
