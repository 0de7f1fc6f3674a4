// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IPriceFeed} from "./IPriceFeed.sol";
import {SignerSet} from "./SignerSet.sol";

/// @title CreditBook
/// @notice What a participant's collateral elsewhere counts for, by account and venue. Certificates raise it; only a
///         signed mark-down lowers it, under open positions too, and never below what the collateral is worth by this
///         chain's own prices.
/// @dev USD × 1e18, rates in ppm, times in unix seconds.
abstract contract CreditBook is SignerSet, EIP712 {
    /// @notice An order to lower credit.
    /// @param credit What it is lowered to, USD × 1e18.
    /// @param sequence Rises strictly per account and venue, apart from the certificates' sequences.
    /// @param epoch The signers' epoch.
    /// @param inputsHash keccak256(abi.encode(evidence)): what it was computed from, and what the floor is computed from.
    /// @param issuedAt When its inputs were read.
    struct MarkDown {
        address account;
        address venue;
        uint128 credit;
        uint64 sequence;
        uint32 epoch;
        bytes32 inputsHash;
        uint64 issuedAt;
    }

    /// @notice Collateral the participant has locked, on whatever chain.
    /// @param asset keccak256 of its symbol.
    /// @param amount In the asset's own units.
    /// @param haircutPpm All haircuts taken together: 1 − Π(1 − h).
    struct Lot {
        bytes32 asset;
        uint128 amount;
        uint32 haircutPpm;
    }

    /// @notice What a mark-down stands on. The signers attest amounts, haircuts and share; this chain adds the prices.
    /// @param sharePpm This venue's share of what is bound of the participant's credit.
    struct Evidence {
        Lot[] lots;
        uint32 sharePpm;
    }

    /// @notice How this chain values an asset.
    /// @param heartbeatSeconds Age up to which a price is fresh.
    /// @param decimals Digits after the point of an amount.
    /// @param maxHaircutPpm Greatest haircut a mark-down may claim.
    struct Asset {
        IPriceFeed feed;
        uint32 heartbeatSeconds;
        uint8 decimals;
        uint32 maxHaircutPpm;
    }

    /// @dev One storage slot.
    struct Credit {
        uint128 amount;
        uint64 sequence;
        uint40 markedAt;
    }

    bytes32 public constant MARK_DOWN_TYPEHASH = keccak256(
        "MarkDown(address account,address venue,uint128 credit,uint64 sequence,uint32 epoch,bytes32 inputsHash,uint64 issuedAt)"
    );

    /// @notice So many lots at most in one evidence.
    uint256 public constant MAX_LOTS = 32;

    uint32 internal immutable _maxTtlSeconds;
    uint32 internal immutable _maxFutureSeconds;

    mapping(address account => mapping(address venue => Credit)) private _credit;
    mapping(bytes32 asset => Asset) private _assets;

    event AssetSet(bytes32 indexed asset, address feed, uint32 heartbeatSeconds, uint8 decimals, uint32 maxHaircutPpm);
    /// @param before What the credit was, USD × 1e18.
    /// @param floor What it could not have been lowered below, USD × 1e18.
    event MarkedDown(
        address indexed account, address indexed venue, MarkDown markDown, uint128 before, uint256 floor, bytes32 digest
    );

    /// @notice A message of this or a higher sequence was accepted before.
    error Stale(uint64 sequence, uint64 accepted);
    /// @notice The message was issued ahead of this chain's clock.
    error FromFuture(uint64 issuedAt, uint256 time);
    /// @notice The mark-down's inputs are older than this book allows.
    error TooOld(uint64 issuedAt, uint256 time);
    /// @notice The field named lies outside its bounds.
    error OutOfBounds(string field);
    /// @notice A mark-down lowers; this one does not.
    error NotLower(uint128 credit, uint128 current);
    /// @notice The collateral is worth more than that at this chain's prices.
    error BelowFloor(uint128 credit, uint256 floor);
    /// @notice The evidence is not the one that was signed.
    error WrongEvidence(bytes32 given, bytes32 signed);
    /// @notice This chain has no price for the asset.
    error UnknownAsset(bytes32 asset);
    /// @notice The asset's price is not positive, older than its heartbeat, or from the future.
    error AssetPriceUnfit(bytes32 asset, int256 answer, uint256 updatedAt);
    /// @notice The certificate would raise a credit that was marked down after it was issued.
    error IssuedBeforeMarkDown(uint64 issuedAt, uint64 markedAt);

    constructor(uint32 maxTtlSeconds_, uint32 maxFutureSeconds_) {
        _maxTtlSeconds = maxTtlSeconds_;
        _maxFutureSeconds = maxFutureSeconds_;
    }

    /// @notice Says how an asset is valued here. A mark-down that names another one is refused.
    function setAsset(bytes32 asset, Asset calldata terms) external onlyOwner {
        if (asset == 0) revert OutOfBounds("asset");
        if (terms.heartbeatSeconds == 0) revert OutOfBounds("heartbeatSeconds");
        if (terms.decimals > 18 || terms.feed.decimals() > 18) revert OutOfBounds("decimals");
        if (terms.maxHaircutPpm > 1e6) revert OutOfBounds("maxHaircutPpm");
        _assets[asset] = terms;
        emit AssetSet(asset, address(terms.feed), terms.heartbeatSeconds, terms.decimals, terms.maxHaircutPpm);
    }

    /// @notice Lowers an account's credit at a venue. Anyone may post it.
    /// @param order What to lower to.
    /// @param evidence What `order.inputsHash` is the hash of.
    /// @param signatures By the signers, ordered by signer address.
    function markDown(MarkDown calldata order, Evidence calldata evidence, bytes[] calldata signatures)
        external
        whenNotPaused
    {
        _requireNotFromFuture(order.issuedAt);
        if (order.issuedAt + _maxTtlSeconds < block.timestamp) revert TooOld(order.issuedAt, block.timestamp);
        _requireEpoch(order.epoch);
        bytes32 evidenceHash = keccak256(abi.encode(evidence));
        if (evidenceHash != order.inputsHash) revert WrongEvidence(evidenceHash, order.inputsHash);
        bytes32 digest = markDownDigestOf(order);
        requireSigned(digest, signatures);

        Credit storage held = _credit[order.account][order.venue];
        if (order.sequence <= held.sequence) revert Stale(order.sequence, held.sequence);
        uint128 before = held.amount;
        if (order.credit >= before) revert NotLower(order.credit, before);
        uint256 floor = floorOf(evidence);
        if (order.credit < floor) revert BelowFloor(order.credit, floor);
        held.amount = order.credit;
        held.sequence = order.sequence;
        // Held against this block's clock above. Signers' clocks differ: a later order may have been issued earlier.
        if (order.issuedAt > held.markedAt) held.markedAt = uint40(order.issuedAt);
        emit MarkedDown(order.account, order.venue, order, before, floor, digest);
    }

    /// @notice What a signer signs to lower a credit.
    function markDownDigestOf(MarkDown calldata order) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(MARK_DOWN_TYPEHASH, order)));
    }

    /// @notice Σ amount · price · (1 − haircut) · share at this chain's prices, each step rounded down, USD × 1e18.
    /// @dev Reverts where a price is not fit to be used: no mark-down on doubtful data.
    function floorOf(Evidence calldata evidence) public view returns (uint256 floor) {
        if (evidence.lots.length > MAX_LOTS) revert OutOfBounds("lots");
        if (evidence.sharePpm > 1e6) revert OutOfBounds("sharePpm");
        uint256 worth = 0;
        for (uint256 i = 0; i < evidence.lots.length; ++i) {
            Lot calldata lot = evidence.lots[i];
            Asset storage asset = _assets[lot.asset];
            if (address(asset.feed) == address(0)) revert UnknownAsset(lot.asset);
            if (lot.haircutPpm > asset.maxHaircutPpm) revert OutOfBounds("haircutPpm");
            uint256 value = Math.mulDiv(lot.amount, _priceOf(lot.asset, asset), 10 ** asset.decimals);
            worth += Math.mulDiv(value, 1e6 - lot.haircutPpm, 1e6);
        }
        return Math.mulDiv(worth, evidence.sharePpm, 1e6);
    }

    /// @notice Credit of the account at the venue, over all its markets, USD × 1e18.
    function creditOf(address account, address venue) public view returns (uint128) {
        return _credit[account][venue].amount;
    }

    /// @notice The last mark-down of the account at the venue: its sequence and when it was issued; 0 without one.
    function lastMarkDownOf(address account, address venue) external view returns (uint64 sequence, uint64 markedAt) {
        Credit storage held = _credit[account][venue];
        return (held.sequence, held.markedAt);
    }

    /// @notice How an asset is valued here.
    function assetOf(bytes32 asset) external view returns (Asset memory) {
        return _assets[asset];
    }

    /// @dev A certificate raises, or leaves it as it is. One from before a mark-down does not undo it.
    function _raiseCredit(address account, address venue, uint128 credit, uint64 issuedAt) internal returns (uint128) {
        Credit storage held = _credit[account][venue];
        if (credit <= held.amount) return held.amount;
        if (issuedAt <= held.markedAt) revert IssuedBeforeMarkDown(issuedAt, held.markedAt);
        held.amount = credit;
        return credit;
    }

    function _requireNotFromFuture(uint64 issuedAt) internal view {
        if (issuedAt > block.timestamp + _maxFutureSeconds) revert FromFuture(issuedAt, block.timestamp);
    }

    /// @dev USD × 1e18 per whole token.
    function _priceOf(bytes32 id, Asset storage asset) private view returns (uint256) {
        (, int256 answer,, uint256 updatedAt,) = asset.feed.latestRoundData();
        if (answer <= 0 || updatedAt > block.timestamp || block.timestamp - updatedAt > asset.heartbeatSeconds) {
            revert AssetPriceUnfit(id, answer, updatedAt);
        }
        return uint256(answer) * 10 ** (18 - asset.feed.decimals());
    }
}
